"""Deciding one obligation: the portfolio, its roads, and what running the models adds."""
