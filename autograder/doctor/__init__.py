"""How well this machine contains a student's code, and how to contain it better."""
