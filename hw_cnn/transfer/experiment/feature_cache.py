"""Features that were computed once are kept in files, so that a second probe takes seconds.

A file is named by the digest of all that decides its content: weights, source of the network's classes, layer,
preprocessing, images. Whoever changes one of them gets another file; the folder may be deleted at any time.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import os
import sys
import warnings
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

import hw_cnn
from hw_cnn import _files
from hw_cnn.transfer import backbones, embedding, preprocessing, stored_images

# Of one batch: on a CPU, EfficientNet-Lite0 takes 16 images of 224 pixels at twice the speed of 64.
NUM_PIXELS_AT_ONCE = {"cpu": 16 * 224 * 224, "cuda": 128 * 224 * 224}
MAX_BATCH_SIZE = 512


class CacheWarning(UserWarning):
    """Features cannot be kept: all works, and the next time takes as long."""


class Found(NamedTuple):
    """Features (N, d) float32 on the CPU, and whether they were read from a file."""

    features: Tensor
    is_from_cache: bool


def folder() -> Path:
    """Give where features are kept: $HW_CNN_CACHE, else hw-cnn in $XDG_CACHE_HOME or in ~/.cache."""
    own = os.environ.get("HW_CNN_CACHE")
    if own:
        return Path(own)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "hw-cnn"


def features(
    backbone: backbones.Backbone,
    part: stored_images.Part,
    layer: str | None = None,
    l2: bool = True,
    *,
    device: torch.device | str = "cpu",
    progress: bool = False,
) -> Found:
    """Give what `embedding.embed` gives for the images of `part`: from the cache, or computed and put there.

    A damaged file is computed anew. A folder that cannot be written is told in a CacheWarning.
    """
    key = _key(backbone, part, layer, l2)
    path = None if key is None else folder() / "features" / f"{key}.safetensors"
    kept = None if path is None else _read(path)
    if kept is not None and len(kept) == len(part.labels):
        return Found(kept, True)
    num_pixels = NUM_PIXELS_AT_ONCE.get(torch.device(device).type, NUM_PIXELS_AT_ONCE["cpu"])
    batch_size = max(1, min(MAX_BATCH_SIZE, num_pixels // backbone.preprocessing.size_px**2))
    batches = backbone.preprocessing.batches(part, batch_size, device)
    computed, _ = embedding.embed(backbone.model.to(device), batches, layer, l2, progress)
    if path is not None:
        _write(path, computed)
    return Found(computed, False)


def _key(backbone: backbones.Backbone, part: stored_images.Part, layer: str | None, l2: bool) -> str | None:
    """None when some class has no source that can be read: then nothing tells whether it is still the same."""
    source = _digest_of_source(backbone.model)
    if source is None:
        return None
    said = {
        "images": part.digest(),
        "l2": l2,
        "layer": layer,
        "network": str(backbone.model),
        "preprocessing": asdict(backbone.preprocessing),
        "source": source,
        "versions": [hw_cnn.__version__, torch.__version__],
        "weights": _digest_of_weights(backbone.model),
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _digest_of_weights(model: nn.Module) -> str:
    """Parameters and all buffers, also those that state_dict leaves out."""
    digest = hashlib.sha256()
    for name, tensor in [*model.named_parameters(), *model.named_buffers()]:
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        digest.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().data)
    return digest.hexdigest()


def _digest_of_source(model: nn.Module) -> str | None:
    """The files that define the network, its features and its preprocessing; torch is known by its version."""
    names = {type(module).__module__ for module in model.modules()}
    names = {name for name in names if name.partition(".")[0] != "torch"}
    names |= {embedding.embed.__module__, preprocessing.__name__}
    digest = hashlib.sha256()
    for name in sorted(names):
        try:
            digest.update(inspect.getsource(sys.modules[name]).encode())
        except (KeyError, OSError, TypeError):
            return None
    return digest.hexdigest()


def _checksum(tensor: Tensor) -> str:
    return hashlib.sha256(tensor.numpy().data).hexdigest()


def _read(path: Path) -> Tensor | None:
    if not path.is_file():
        return None
    try:
        with safe_open(path, framework="pt") as file:
            kept: Tensor = file.get_tensor("features")
            said = (file.metadata() or {}).get("sha256")
    except (SafetensorError, OSError, ValueError):
        return None
    return kept if said == _checksum(kept) else None


def _write(path: Path, computed: Tensor) -> None:
    content = save({"features": computed.contiguous()}, metadata={"sha256": _checksum(computed.contiguous())})
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _files.write_whole(path, content)
    except OSError as error:
        warnings.warn(
            f"features cannot be kept in {path.parent} ({error.strerror or error}); "
            "set HW_CNN_CACHE to a folder that can be written",
            CacheWarning,
            stacklevel=3,
        )
