"""Maps as pictures: SVG files, and characters for a terminal."""
