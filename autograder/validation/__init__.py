"""The tests under test: reference, stub, planted bugs and correct variants, graded like submissions."""
