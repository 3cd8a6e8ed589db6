"""The command line: one file per command, which reads arguments, calls one function and shows what came of it."""
