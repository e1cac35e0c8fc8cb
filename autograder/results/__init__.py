"""A grade as a value, on disk, and on a page."""
