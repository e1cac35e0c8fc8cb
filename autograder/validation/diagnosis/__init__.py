"""The diagnosis under test: which mistakes are named, which are not, and which names are untrue."""
