"""CIFAR-10's training images from a tar of JPEG files: for measurements where the published files are not at hand.

FILE.tar holds train/CLASS/IMAGE.jpg. JPEG has changed the pixels a little, and the test images are not there: a fixed
tenth of the images, the same for every seed, stands for them and is never trained on.
"""

from __future__ import annotations

import functools
import io
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from hw_cnn.data import cifar10
from hw_cnn.data.feeding import in_memory, splits
from hw_cnn.transfer import stored_images

TEST_SIZE = 5000


@functools.cache
def read_tar(path: Path) -> stored_images.Part:
    """Read all images; labels are the numbers of the folders, sorted."""
    images, labels, classes = [], [], {}
    with tarfile.open(path) as tar:
        members = sorted((member for member in tar.getmembers() if member.isfile()), key=lambda one: one.name)
        for member in members:
            file = tar.extractfile(member)
            assert file is not None
            images.append(np.asarray(Image.open(io.BytesIO(file.read())).convert("RGB")))
            labels.append(classes.setdefault(member.name.split("/")[-2], len(classes)))
    return stored_images.Part(
        torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).contiguous(), torch.tensor(labels)
    )


class TarredCIFAR10DataModule(cifar10.CIFAR10DataModule):
    """Takes the place of CIFAR10DataModule in a recipe; `root` is FILE.tar."""

    def __init__(
        self, root: str = "", batch_size: int = 64, val_size: int = 5000, seed: int = 0, **arguments: Any
    ) -> None:
        super().__init__(root, batch_size, val_size, seed, **arguments)

    def prepare_data(self) -> None:
        """Nothing can be downloaded."""

    def _read(self, split: str) -> in_memory.Split:
        whole = read_tar(Path(self.root))
        rest, test = splits.stratified_split(whole.labels, TEST_SIZE, seed=0)
        if split == "test":
            return whole.images[test], whole.labels[test]
        train, val = splits.stratified_split(whole.labels[rest], self.val_size, self.seed)
        chosen = rest[train if split == "train" else val]
        return whole.images[chosen], whole.labels[chosen]
