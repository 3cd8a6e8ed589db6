"""Running the real models at points, and the spec interpreted directly beside them."""
