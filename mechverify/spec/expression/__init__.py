"""The expression language: text to data, its static check, and its evaluation at one point."""
