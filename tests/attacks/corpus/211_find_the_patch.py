"""211 persistence: look for what attack 210 has left in memory.

Evidence: said - it is there.
After: 210
"""


def attack():
    import torch

    return won() if hasattr(torch, "left_by_student") else "nothing is there"
