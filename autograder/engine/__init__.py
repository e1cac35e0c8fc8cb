"""Engines: run jobs in slots, hand each result over as it finishes."""
