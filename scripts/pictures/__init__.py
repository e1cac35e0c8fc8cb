"""Pictures of the documentation, each drawn by a script from what it shows."""
