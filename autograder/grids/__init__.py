"""Arrays for people: the same small grids as lines of text, as a table in Jupyter, and with colours on a page."""
