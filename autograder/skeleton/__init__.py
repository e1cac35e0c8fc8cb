"""`autograder new`: an assignment of a course's own, small and whole, to be changed step by step."""
