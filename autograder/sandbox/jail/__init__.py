"""The processes that the judge starts, from the guardian down to the locked worker."""
