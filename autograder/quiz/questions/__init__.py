"""The questions of a quiz: each module has some, and `bank.py` knows all of them by name."""
