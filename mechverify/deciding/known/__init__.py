"""What earlier runs found, and the ways that they went: offered, and never believed."""
