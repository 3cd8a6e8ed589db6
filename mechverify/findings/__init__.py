"""What is said beside a verdict."""
