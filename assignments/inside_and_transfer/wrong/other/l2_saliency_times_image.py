# the gradient is multiplied by the image
import torch


def saliency(model, images, labels):
    modes = {module: module.training for module in model.modules()}
    model.eval()
    pixels = images.detach().clone().requires_grad_()
    scores = model(pixels)[torch.arange(len(labels)), labels]
    (gradient,) = torch.autograd.grad(scores.sum(), pixels)
    for module, mode in modes.items():
        module.training = mode
    return gradient * images
