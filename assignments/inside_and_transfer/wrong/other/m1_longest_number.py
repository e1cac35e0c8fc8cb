# rows are divided by their largest absolute value
import torch
from torch import nn


def embed(model, loader, layer=None, l2=True, progress=False):
    modes = {module: module.training for module in model.modules()}
    model.eval()
    kept = []
    if layer is None:
        last = [module for module in model.modules() if isinstance(module, nn.Linear)][-1]
        hook = last.register_forward_hook(lambda module, inputs, output: kept.append(inputs[0].flatten(1)))
    else:
        part = model.get_submodule(layer)
        hook = part.register_forward_hook(lambda module, inputs, output: kept.append(output.flatten(1).clone()))
    numbers = []
    with torch.no_grad():
        for images, labels in loader:
            model(images)
            numbers.append(labels)
    hook.remove()
    for module, mode in modes.items():
        module.training = mode
    features = torch.cat(kept)
    if l2:
        features = features / features.abs().amax(1, keepdim=True).clamp_min(1e-12)
    return features, torch.cat(numbers)
