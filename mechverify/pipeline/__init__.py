"""From spec files to results: the only package that puts readers, engines and kernel together."""
