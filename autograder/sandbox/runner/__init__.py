"""Runs a student's code on request, in a worker or in this process."""
