"""The trusted checker: problems, certificates and rules, as `docs/kernel.md` describes them. Standard library only."""
