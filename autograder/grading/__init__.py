"""The judge: a class of submissions -> grades."""
