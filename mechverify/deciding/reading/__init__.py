"""What a reader made of a model, compared with what runs (SEMANTICS 6 and 27)."""
