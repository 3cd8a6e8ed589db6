"""What a claim or a spec fails to test: warnings, as data."""
