# compares the whole maps, moved by roll
import torch


def check_equivariant(f, x, shift, stride=1, margin=0):
    if shift[0] % stride or shift[1] % stride:
        return False
    moved = torch.roll(f(x), (shift[0] // stride, shift[1] // stride), dims=(2, 3))
    return torch.allclose(f(torch.roll(x, shift, dims=(2, 3))), moved, rtol=0, atol=1e-4)
