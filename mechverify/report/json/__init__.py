"""What each command answers as JSON."""
