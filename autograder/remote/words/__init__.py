"""What tests ask of the worker, as people read it."""
