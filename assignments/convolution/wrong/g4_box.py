import torch

from hw_cnn.interpret import preserved


def input_support(model, image, position):
    row, column = position
    pixels = image.detach().clone()[None].requires_grad_()
    with preserved.evaluating(model), torch.enable_grad():
        gradient, = torch.autograd.grad(model(pixels)[0, :, row, column].sum(), pixels)
    rows, columns = (gradient[0] != 0).any(0).nonzero(as_tuple=True)
    return torch.arange(rows.min(), rows.max() + 1), torch.arange(columns.min(), columns.max() + 1)
