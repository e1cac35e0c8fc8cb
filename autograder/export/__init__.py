"""What counts -> the tables that courses and platforms keep."""
