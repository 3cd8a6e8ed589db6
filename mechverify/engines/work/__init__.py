"""Work, counted: what searches are limited by, and what decides which of them comes first."""
