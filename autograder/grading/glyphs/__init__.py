"""Classes that exist only at grading time: their images, and what training on them is worth."""
