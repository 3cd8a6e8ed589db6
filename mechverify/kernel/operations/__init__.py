"""The operations of a problem: a record of each, and what is derived from them."""
