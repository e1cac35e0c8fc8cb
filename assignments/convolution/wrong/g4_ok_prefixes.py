import numpy as np
import torch
from torch.func import grad


def receptive_field(layers):
    for numbers in layers:
        if any(number < 1 for number in numbers):
            raise ValueError("sizes, strides and dilations are at least 1")
    pairs = []
    for count in range(1, len(layers) + 1):
        field, jump = 1, 1
        # From the last layer to the image: a window over `field` numbers of the map before.
        for kernel, stride, *gaps in reversed(layers[:count]):
            field = (field - 1) * stride + (kernel - 1) * (gaps[0] if gaps else 1) + 1
            jump = jump * stride
        pairs.append((field, jump))
    return pairs


def input_support(model, image, position):
    row, column = position
    modes = {part: part.training for part in model.modules()}
    model.eval()
    slopes = grad(lambda given: model(given.unsqueeze(0))[0, :, row, column].sum())(image)
    for part, training in modes.items():
        part.training = training
    place = np.argwhere(slopes.abs().amax(dim=0).detach().numpy() > 0)
    return torch.tensor(sorted(set(place[:, 0].tolist()))), torch.tensor(sorted(set(place[:, 1].tolist())))
