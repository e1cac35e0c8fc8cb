"""`autograder viva`: three questions on a student's own code, each answer found by running that code."""
