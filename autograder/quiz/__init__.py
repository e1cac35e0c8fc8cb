"""`autograder quiz`: a sheet of paper for each student, the same questions with other numbers, and what it is worth."""
