"""What a notebook's kernel has run, against what the grader will read from top to bottom."""
