"""What an author has written, as checked values, or all that is wrong with it."""
