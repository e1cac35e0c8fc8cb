"""101 memory: the same with a tensor.

Evidence: said - it is held for half a second.
"""


def attack():
    import torch

    block = torch.ones(TARGETS["bomb_mb"] << 18)
    time.sleep(0.5)
    return won() if len(block) else "empty"
