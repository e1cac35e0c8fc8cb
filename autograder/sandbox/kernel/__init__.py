"""One mechanism of Linux a file; no policy."""
