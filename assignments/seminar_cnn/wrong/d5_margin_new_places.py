import torch


def check_equivariant(f, x, shift, stride=1, margin=0):
    if shift[0] % stride or shift[1] % stride:
        return False
    down, right = shift[0] // stride, shift[1] // stride
    before, after = f(x), f(x.roll(shift, dims=(2, 3)))
    height, width = before.shape[2:]
    rows = [y for y in range(margin, height - margin) if 0 <= y - down < height]
    columns = [y for y in range(margin, width - margin) if 0 <= y - right < width]
    if not rows or not columns:
        raise ValueError("nothing is left to compare")
    now = after[:, :, rows][..., columns]
    then = before[:, :, [y - down for y in rows]][..., [y - right for y in columns]]
    return torch.allclose(now, then, rtol=0, atol=1e-4)
