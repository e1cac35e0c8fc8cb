import torch
from torch import nn

from hw_cnn.interpret import preserved, receptive_field as fields


def receptive_field(layers):
    if any(min(layer) < 1 for layer in layers):
        raise ValueError("a layer is not possible")
    rows = [(*layer, 1)[:3] for layer in layers]
    size = 1
    for kernel, stride, dilation in reversed(rows):
        size = (size - 1) * stride + (kernel - 1) * dilation + 1
    net = nn.Sequential(*[nn.Conv2d(1, 1, (k, 1), (s, 1), dilation=(d, 1)) for k, s, d in rows])
    found = [fields.locate(net, str(number), (1, size, 1)) for number in range(len(rows))]
    return [(one.field_px[0], one.jump_px[0]) for one in found]


def input_support(model, image, position):
    with preserved.evaluating(model):
        function = lambda given: model(given[None])[0, :, position[0], position[1]].sum()
        slopes = torch.autograd.functional.jacobian(function, image)
    numbers = slopes.abs().sum(0)
    return numbers.sum(1).nonzero().flatten(), numbers.sum(0).nonzero().flatten()
