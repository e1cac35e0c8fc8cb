"""From the command's words to a Material: the checkpoint's network, and the data that the words name."""

from __future__ import annotations

from pathlib import Path

import torch
from lightning import LightningDataModule

from hw_cnn import usage
from hw_cnn.explain import material
from hw_cnn.fit import trained

# How images are prepared, which a network depends on: other data take it over from the training's.
PREPARATION = ("pad_px", "image_size", "mean", "std")
# Below this, threads gain next to nothing, and beside other work they wait for each other most of the time.
SMALL_NUM_MACS = 1e7


def load(
    checkpoint: str,
    config: str | None,
    data_name: str | None,
    root: Path | None,
    lang: str,
    num_examples: int,
) -> material.Material:
    """Load the network and measure it on the test part of its data, or of the data that `data_name` and `root` name.

    Raises: usage.InputError for what is missing or does not fit together.
    """
    training = trained.load_checkpoint(checkpoint, config)
    module = training.data if data_name is None else _other_data(data_name, training.data)
    if module is None:
        raise usage.InputError("the configuration names no data to look at; give --data NAME")
    if root is not None:
        if not hasattr(module, "root"):
            raise usage.InputError(
                f"--data-root is for data in files, and {type(module).__name__} needs none; leave it out"
            )
        module.root = str(root)
    gathered = material.gather(training.model, module, training.path.name, lang, num_examples)
    if gathered.num_macs < SMALL_NUM_MACS:
        torch.set_num_threads(1)
    return gathered


def _other_data(name: str, like: LightningDataModule | None) -> LightningDataModule:
    module = trained.data_by_name(name)
    for attribute in PREPARATION:
        if hasattr(module, attribute) and getattr(like, attribute, None) is not None:
            setattr(module, attribute, getattr(like, attribute))
    return module
