"""One upload -> a Submission: which code was handed in and where it stood; nothing of it runs here."""
