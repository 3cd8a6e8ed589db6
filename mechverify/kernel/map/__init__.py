"""The kind `map`: a domain cut into labelled parts, each checked, and their sizes derived anew."""
