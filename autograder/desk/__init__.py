"""What staff ask and decide once a class has been graded."""
