import torch

from hw_cnn.interpret import preserved


def input_support(model, image, position):
    row, column = position
    pixels = image.detach().clone()[None].requires_grad_()
    with preserved.evaluating(model), torch.enable_grad():
        maps = model(pixels)
        total = maps[0, :, maps.shape[2] // 2, maps.shape[3] // 2].sum()
        gradient, = torch.autograd.grad(total, pixels)
    mask = (gradient[0] != 0).any(0)
    return mask.any(1).nonzero()[:, 0], mask.any(0).nonzero()[:, 0]
