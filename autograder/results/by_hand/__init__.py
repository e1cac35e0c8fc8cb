"""What people write beside the results of a class: how its tables are read, and what it does to points."""
