"""What a layer of a trained network says about each image: a vector of features.

Sharif Razavian et al. 2014 (arXiv 1403.6382), section 3: the first fully connected layer's output, L2-normalised.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
from rich import console as rich_console
from rich import progress as rich_progress
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

# As in F.normalize: what a row is divided by at the least, so that a row of zeros stays zeros.
SHORTEST = 1e-12


def embed(
    model: nn.Module,
    loader: Iterable[tuple[Tensor, Tensor]],
    layer: str | None = None,
    l2: bool = True,
    progress: bool = False,
) -> tuple[Tensor, Tensor]:
    """Give the features of all images of `loader`, a row for each, and their labels, in the order of the loader.

    `layer` is the name of a module in `model.named_modules()`: its output, flattened; of a module that is called
    several times, the last output. None is what enters the last nn.Linear. With `l2` each row is divided by its
    Euclidean length; a row of zeros stays zeros. `progress` draws a bar where stderr is a terminal.

    Images are taken to the model's device. The model runs in evaluation mode without gradients; afterwards it is what
    it was: weights, statistics, the mode of each module, hooks.

    Shape: batches of ((B, C, H, W), (B) int64) -> ((N, d) float32, (N) int64), both on the CPU.

    Raises: ValueError for a layer that does not exist, does not run or does not give one row per image, and for a
        loader without batches.
    """
    rows: list[Tensor] = []
    labels: list[Tensor] = []
    latest: list[Tensor] = []

    def keep(value: Tensor) -> None:
        # A copy, made now: a ReLU that works in place would change the output of the layer before it.
        found = value.flatten(1).to("cpu", torch.float32, copy=True)
        if l2:
            # In place, while the numbers are in the processor's cache: wide layers give more than fits there.
            found.div_(torch.linalg.vector_norm(found, dim=1, keepdim=True).clamp_min_(SHORTEST))
        latest[:] = [found]

    device = next((parameter.device for parameter in model.parameters()), torch.device("cpu"))
    modes = {module: module.training for module in model.modules()}
    handle = _listen(model, layer, keep)
    try:
        model.eval()
        for images, targets in _track(loader, progress):
            latest.clear()
            # Around the model alone: what the loader makes for itself must stay usable for training.
            with torch.inference_mode():
                model(images.to(device))
            _check_rows(latest, len(targets), layer)
            rows.append(latest[0])
            labels.append(targets.cpu())
    finally:
        handle.remove()
        for module, mode in modes.items():
            module.training = mode
    if not rows:
        raise ValueError("loader gave no batch; it must give at least one pair (images, labels)")
    # Outside of inference mode, so that a head can be trained on the result.
    return torch.cat(rows), torch.cat(labels).long()


def _listen(model: nn.Module, layer: str | None, keep: Callable[[Tensor], None]) -> RemovableHandle:
    """Pass what the layer gives (for None: what the last nn.Linear gets) on to `keep`."""
    modules = dict(model.named_modules())
    if layer is None:
        dense = [module for module in modules.values() if isinstance(module, nn.Linear)]
        if not dense:
            raise ValueError(
                f"layer (=None) needs an nn.Linear, the model has none; name one of {_names(modules)}"
            )
        return dense[-1].register_forward_pre_hook(lambda module, inputs: keep(inputs[0]))
    if not layer or layer not in modules:
        raise ValueError(f"layer (={layer!r}) must be one of {_names(modules)}")

    def after(module: nn.Module, inputs: tuple[Tensor, ...], output: object) -> None:
        if not isinstance(output, Tensor) or output.dim() < 1:
            raise ValueError(
                f"layer {layer!r} gave {type(output).__name__}; choose one that gives a tensor (N, ...)"
            )
        keep(output if output.dim() > 1 else output[:, None])

    return modules[layer].register_forward_hook(after)


def _check_rows(latest: list[Tensor], num_images: int, layer: str | None) -> None:
    if not latest or len(latest[0]) != num_images:
        found = f"gave {len(latest[0])} rows" if latest else "did not run"
        raise ValueError(f"layer {layer!r} {found} for {num_images} images; choose another layer")


def _names(modules: Iterable[str]) -> str:
    return ", ".join(filter(None, modules))


def _track(loader: Iterable[tuple[Tensor, Tensor]], progress: bool) -> Iterable[tuple[Tensor, Tensor]]:
    console = rich_console.Console(stderr=True) if progress else None
    if console is None or not console.is_terminal:
        return loader
    total = len(loader) if hasattr(loader, "__len__") else None
    return rich_progress.track(loader, "features", total=total, console=console)
