"""An assignment as a Gradescope autograder: the zip that staff upload, and the run on one submission there."""
