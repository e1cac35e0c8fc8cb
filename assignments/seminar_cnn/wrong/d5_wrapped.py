import torch


def check_equivariant(f, x, shift, stride=1, margin=0):
    if shift[0] % stride or shift[1] % stride:
        return False
    down, right = shift[0] // stride, shift[1] // stride
    before, after = f(x), f(x.roll(shift, dims=(2, 3)))
    height, width = before.shape[2:]
    if abs(down) + 2 * margin >= height or abs(right) + 2 * margin >= width:
        raise ValueError("nothing is left to compare")
    rows, columns = slice(margin, height - margin), slice(margin, width - margin)
    now = after[..., rows, columns]
    then = before.roll((down, right), dims=(2, 3))[..., rows, columns]
    return torch.allclose(now, then, rtol=0, atol=1e-4)
