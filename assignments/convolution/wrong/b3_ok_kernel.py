import torch
import torch.nn.functional as F


def shift_curve(model, images, labels, max_shift_px, fill=0.0):
    if images.shape[0] == 0 or images.shape[0] != labels.shape[0] or max_shift_px < 0:
        raise ValueError("nothing to measure")
    was = {name: part.training for name, part in model.named_modules()}
    model.eval()
    curve = []
    channels = images.shape[1]
    with torch.no_grad():
        for d in range(max_shift_px + 1):
            hits, total = 0, 0
            for i in range(3):
                for j in range(3):
                    if d > 0 and (i, j) == (1, 1) or d == 0 and (i, j) != (1, 1):
                        continue
                    kernel = torch.zeros(channels, 1, 2 * d + 1, 2 * d + 1)
                    kernel[:, :, i * d, j * d] = 1
                    moved = F.conv2d(F.pad(images - fill, (d,) * 4), kernel, groups=channels) + fill
                    hits += int((model(moved).argmax(1) == labels).sum())
                    total += len(labels)
            curve.append(hits / total)
    for name, part in model.named_modules():
        part.training = was[name]
    return torch.tensor(curve)
