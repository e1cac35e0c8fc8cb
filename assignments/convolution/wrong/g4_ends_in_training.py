import torch


def input_support(model, image, position):
    row, column = position
    pixels = image.detach().clone()[None].requires_grad_()
    model.eval()
    with torch.enable_grad():
        gradient, = torch.autograd.grad(model(pixels)[0, :, row, column].sum(), pixels)
    model.train()
    mask = (gradient[0] != 0).any(0)
    return mask.any(1).nonzero()[:, 0], mask.any(0).nonzero()[:, 0]
