"""What a failed public test has seen: its call, the values, and whether an answer was expected at all."""
