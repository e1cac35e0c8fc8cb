"""Where the homework stands that one works on, and what its notebook has run: for `hw-cnn` and `hw_cnn.check`."""
