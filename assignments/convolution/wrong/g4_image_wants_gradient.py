import torch

from hw_cnn.interpret import preserved


def input_support(model, image, position):
    row, column = position
    image.requires_grad_()
    with preserved.evaluating(model), torch.enable_grad():
        gradient, = torch.autograd.grad(model(image[None])[0, :, row, column].sum(), image)
    mask = (gradient != 0).any(0)
    return mask.any(1).nonzero()[:, 0], mask.any(0).nonzero()[:, 0]
