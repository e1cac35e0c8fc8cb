import torch

from hw_cnn.interpret import preserved


def _side(size, step):
    return slice(max(step, 0), size + min(step, 0))


def shift_curve(model, images, labels, max_shift_px, fill=0.0):
    n, _, height, width = images.shape
    if max_shift_px < 0 or n == 0 or labels.shape != (n,):
        raise ValueError("nothing to measure")
    steps = [(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1) if i or j]
    accuracies = []
    with preserved.evaluating(model), torch.inference_mode():
        for distance in range(max_shift_px + 1):
            copies = []
            for i, j in steps:
                i, j = distance * i, distance * j
                copy = torch.full_like(images, fill)
                copy[..., _side(height, i), _side(width, j)] = images[..., _side(height, -i), _side(width, -j)]
                copies.append(copy)
            answers = model(torch.cat(copies)).argmax(1).reshape(len(steps), n)
            accuracies.append(float((answers == labels).double().mean()))
    return torch.tensor(accuracies)
