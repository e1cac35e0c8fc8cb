import torch
from torch.nn.modules.module import register_module_forward_hook


def layer_outputs(model, images, names):
    wanted = {}
    for name in names:
        part = model
        for piece in name.split("."):
            part = getattr(part, piece, None)
        if not isinstance(part, torch.nn.Module):
            raise ValueError(f"no layer is called {name}")
        wanted[part] = name
    kept = {}

    def keep(module, args, out):
        if module in wanted:
            kept[wanted[module]] = out.data.clone()

    training = [module for module in model.modules() if module.training]
    handle = register_module_forward_hook(keep)
    try:
        model.eval()
        with torch.no_grad():
            model(images)
    finally:
        handle.remove()
        for module in training:
            module.training = True
    if len(kept) < len(names):
        raise ValueError("a layer did not run")
    return dict((name, kept[name]) for name in names)
