"""Graduated hints of the tasks. How many were opened is kept on the student's machine, and nobody is told."""
