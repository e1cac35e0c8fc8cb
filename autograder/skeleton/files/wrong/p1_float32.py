from torch import Tensor


def global_mean(x: Tensor) -> Tensor:
    return x.float().mean((2, 3))
