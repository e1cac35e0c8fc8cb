import torch
import torch.nn.functional as F


def _move(images, down, right, fill):
    height, width = images.shape[2:]
    a, b = abs(down), abs(right)
    framed = F.pad(images, (b, b, a, a), value=fill)
    return framed[:, :, a - down : a - down + height, b - right : b - right + width]


def shift_curve(model, images, labels, max_shift_px, fill=0.0):
    if max_shift_px < 0 or len(images) == 0 or len(images) != len(labels):
        raise ValueError("images, as many labels, and a shift of at least 0 are needed")
    modes = {part: part.training for part in model.modules()}
    model.eval()
    curve = []
    with torch.no_grad():
        for distance in range(1, max_shift_px + 1):
            shares = []
            for down, right in [(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1) if (i, j) != (0, 0)] if distance else [(0, 0)]:
                moved = _move(images, distance * down, distance * right, fill)
                shares.append((model(moved).argmax(1) == labels).double().mean())
            curve.append(torch.stack(shares).mean())
    for part, mode in modes.items():
        part.training = mode
    return torch.stack(curve)
