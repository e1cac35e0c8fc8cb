# four sides, written out
# named: b3_four_directions
import torch
import torch.nn.functional as F


def shift_curve(model, images, labels, max_shift_px, fill=0.0):
    if max_shift_px < 0 or len(images) == 0 or len(images) != len(labels):
        raise ValueError("nothing to measure")
    modes = [(part, part.training) for part in model.modules()]
    model.eval()
    curve = []
    with torch.no_grad():
        for d in range(max_shift_px + 1):
            total = 0.0
            for sides in ((d, -d, 0, 0), (-d, d, 0, 0), (0, 0, d, -d), (0, 0, -d, d)):
                total += float((model(F.pad(images, sides, value=fill)).argmax(1) == labels).float().mean())
            curve.append(total / 4)
    for part, mode in modes:
        part.training = mode
    return torch.tensor(curve)
