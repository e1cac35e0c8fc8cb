"""`autograder similarity`: what agrees between works of a class, side by side, for people to judge."""
