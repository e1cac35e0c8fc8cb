"""210 persistence: change modules in memory, in the hope that the next student's process is the same.

Evidence: none - attack 211 looks for it.
"""


def attack():
    import torch

    torch.left_by_student = "left"
    return "left"
