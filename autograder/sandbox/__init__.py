"""Workers for untrusted code. In a worker this package has an empty file in this one's place."""
