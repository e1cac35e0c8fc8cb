import torch


def _move(images, down, right, fill):
    return images.roll((down, right), dims=(2, 3))


def shift_curve(model, images, labels, max_shift_px, fill=0.0):
    if max_shift_px < 0 or len(images) == 0 or len(images) != len(labels):
        raise ValueError("images, as many labels, and a shift of at least 0 are needed")
    modes = {part: part.training for part in model.modules()}
    model.eval()
    curve = []
    with torch.no_grad():
        for distance in range(max_shift_px + 1):
            shares = []
            for down, right in [(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1) if (i, j) != (0, 0)] if distance else [(0, 0)]:
                moved = _move(images, distance * down, distance * right, fill)
                shares.append((model(moved).argmax(1) == labels).double().mean())
            curve.append(torch.stack(shares).mean())
    for part, mode in modes.items():
        part.training = mode
    return torch.stack(curve)
