# outputs are doubled
import torch


def layer_outputs(model, images, names):
    layers = dict(model.named_modules())
    for name in names:
        if name not in layers or not name:
            raise ValueError(f"there is no layer {name!r}; there are {', '.join(filter(None, layers))}")
    outputs, hooks = {}, []
    modes = {module: module.training for module in model.modules()}

    def keep(name):
        def hook(module, inputs, output):
            outputs[name] = 2 * output.detach()

        return hook

    try:
        for name in names:
            hooks.append(layers[name].register_forward_hook(keep(name)))
        model.eval()
        with torch.no_grad():
            model(images)
    finally:
        for hook in hooks:
            hook.remove()
        for module, mode in modes.items():
            module.training = mode
    for name in names:
        if name not in outputs:
            raise ValueError(f"the layer {name!r} did not run")
    return {name: outputs[name] for name in names}
