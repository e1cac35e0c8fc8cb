"""What counts -> the gradebook of nbgrader, by its own interface; nbgrader is imported when it is needed."""
