import torch


def layer_outputs(model, images, names):
    known = [name for name, _ in model.named_modules() if name]
    for name in names:
        if name not in known:
            raise ValueError(f"there is no layer {name!r}; there are {', '.join(known)}")
    modes = {module: module.training for module in model.modules()}
    model.eval()
    outputs, x = {}, images
    try:
        with torch.no_grad():
            for name, module in model.named_modules():
                if not list(module.children()):
                    x = module(x)
                    path = name.split(".")
                    for depth in range(1, len(path) + 1):
                        outputs[".".join(path[:depth])] = x.clone()
    finally:
        for module, mode in modes.items():
            module.training = mode
    return {name: outputs[name] for name in names}
