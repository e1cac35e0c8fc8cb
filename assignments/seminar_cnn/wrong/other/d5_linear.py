# asks whether f is linear
import torch


def check_equivariant(f, x, shift, stride=1, margin=0):
    return bool(torch.allclose(f(2 * x), 2 * f(x), atol=1e-4))
