"""Measurements: ratios within one run on one machine. Nothing here gates a test."""
