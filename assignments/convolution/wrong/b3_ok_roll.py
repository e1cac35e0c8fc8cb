import torch


def shift_curve(model, images, labels, max_shift_px, fill=0.0):
    if max_shift_px < 0 or len(images) == 0 or len(images) != len(labels):
        raise ValueError("nothing to measure")
    modes = [part.training for part in model.modules()]
    model.eval()
    curve = []
    for d in range(max_shift_px + 1):
        shares = []
        for i, j in [(0, d), (0, -d), (d, 0), (-d, 0), (d, d), (d, -d), (-d, d), (-d, -d)]:
            moved = images.roll((i, j), (-2, -1))
            rows, columns = torch.arange(images.shape[2]) - i, torch.arange(images.shape[3]) - j
            inside = ((rows >= 0) & (rows < len(rows)))[:, None] & (columns >= 0) & (columns < len(columns))
            moved = torch.where(inside, moved, torch.tensor(fill, dtype=images.dtype))
            shares.append((model(moved).detach().max(dim=1).indices == labels).float().mean())
        curve.append(sum(shares) / 8)
    for part, mode in zip(model.modules(), modes):
        part.training = mode
    return torch.stack(curve)
