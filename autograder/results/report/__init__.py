"""The report that a person reads: one static page, made from the stored results alone."""
