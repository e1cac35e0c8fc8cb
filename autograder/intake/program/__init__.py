"""Python text of a submission -> which statements must run so that a task's names have the value that Jupyter gave."""
