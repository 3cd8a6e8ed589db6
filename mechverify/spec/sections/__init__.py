"""One reader for each section of a spec."""
