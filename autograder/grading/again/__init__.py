"""What looks at one graded submission again: where it lies, workers for it, one hidden test of it."""
