"""The student's code as a test sees it, wherever it runs."""
