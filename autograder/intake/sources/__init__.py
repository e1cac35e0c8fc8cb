"""Bytes of a notebook or a script -> chunks of plain Python in the order in which Jupyter would run them."""
