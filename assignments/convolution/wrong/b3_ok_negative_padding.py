import torch
import torch.nn.functional as F


def shift_curve(model, images, labels, max_shift_px, fill=0.0):
    if max_shift_px < 0 or len(images) < 1 or len(images) != len(labels):
        raise ValueError("nothing to measure")
    modes = [(part, part.training) for part in model.modules()]
    model.eval()
    curve = torch.zeros(max_shift_px + 1)
    try:
        with torch.no_grad():
            for d in range(max_shift_px + 1):
                answers = []
                for i in (-d, 0, d):
                    for j in (-d, 0, d):
                        if d == 0 or i != 0 or j != 0:
                            moved = F.pad(images, (j, -j, i, -i), value=fill)
                            answers.append(model(moved).argmax(dim=1))
                curve[d] = (torch.stack(answers) == labels).float().mean()
    finally:
        for part, mode in modes:
            part.training = mode
    return curve
