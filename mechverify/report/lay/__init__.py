"""Results in plain words and short sentences, for readers without training in interpretability."""
