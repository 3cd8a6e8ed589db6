"""Claims that are searched for on other machines. What comes back is what a cache holds: offered, never believed."""
