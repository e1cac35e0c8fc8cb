"""CIFAR-10, in the folder where torchvision keeps it.

A. Krizhevsky, "Learning multiple layers of features from tiny images", 2009, chapter 3.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, ClassVar

import torch
from torchvision import datasets
from torchvision.datasets import utils

from hw_cnn.data import errors
from hw_cnn.data.feeding import in_memory, splits
from hw_cnn.data.reading import downloads


class CIFAR10DataModule(in_memory.InMemoryDataModule):
    """CIFAR-10: 50,000 colour images for training, of which `val_size` are for validation, and 10,000 for the test.

    The validation part is chosen by `seed` with all classes in proportion. The files lie in
    `root`/cifar-10-batches-py and are downloaded by `prepare_data` where they are missing. All other arguments: see
    InMemoryDataModule.

    Batches: images (B, 3, 32, 32) float32, labels (B) int64.

    Raises: ValueError for an argument that is out of range; DataError, from `prepare_data` and `setup`, when files
        cannot be downloaded, are missing or are broken.
    """

    num_classes = 10
    image_shape = (3, 32, 32)
    names: ClassVar = {
        "ru": (
            "самолёт",
            "автомобиль",
            "птица",
            "кошка",
            "олень",
            "собака",
            "лягушка",
            "лошадь",
            "корабль",
            "грузовик",
        ),
        "en": ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
    }
    dataset: type[datasets.CIFAR10] = datasets.CIFAR10

    def __init__(
        self,
        root: str = "data",
        batch_size: int = 64,
        val_size: int = 5000,
        seed: int = 0,
        **arguments: Any,
    ) -> None:
        super().__init__(batch_size, seed, **arguments)
        if val_size < 0:
            raise ValueError(f"val_size (={val_size}) must be at least 0")
        self.root = root
        self.val_size = val_size

    @property
    def folder(self) -> Path:
        """Where the files lie."""
        return Path(self.root, self.dataset.base_folder)

    def prepare_data(self) -> None:
        """Download what is missing. Raises: DataError when that fails."""
        if self._missing():
            mend = (
                f"without a network unpack {self.dataset.filename} into {self.root}, "
                "or give the folder where it is unpacked as root"
            )
            downloads.download("CIFAR-10", self.folder, self._fetch, mend)

    def _fetch(self) -> None:
        """Fetch and unpack; torchvision's own unpacking warns from Python 3.12 on, since it names no filter."""
        archive = Path(self.root) / self.dataset.filename
        utils.download_url(self.dataset.url, self.root, archive.name, self.dataset.tgz_md5)
        downloads.unpack(archive, Path(self.root))

    def _files(self) -> dict[str, str]:
        """Give name and MD5 checksum of each file."""
        meta = self.dataset.meta
        return {**dict(self.dataset.train_list + self.dataset.test_list), meta["filename"]: meta["md5"]}

    def _missing(self) -> list[str]:
        return [name for name in self._files() if not (self.folder / name).is_file()]

    def _read(self, split: str) -> in_memory.Split:
        self._check_files()
        part = self.dataset(self.root, train=split != "test")
        # torchvision has made (N, H, W, C) out of (N, C, H, W).
        images = torch.from_numpy(part.data).permute(0, 3, 1, 2).contiguous()
        labels = torch.tensor(part.targets)
        if split == "test":
            return images, labels
        if self.val_size >= len(labels):
            raise errors.DataError(
                f"val_size (={self.val_size}) leaves nothing of {len(labels)} training images; take a smaller number"
            )
        train, val = splits.stratified_split(labels, self.val_size, self.seed)
        chosen = train if split == "train" else val
        return images[chosen], labels[chosen]

    def _check_files(self) -> None:
        missing = self._missing()
        if missing:
            raise errors.DataError(
                f"{self.folder} has no {', '.join(missing)}; prepare_data() downloads, root says where to look"
            )
        for name, expected in self._files().items():
            with (self.folder / name).open("rb") as file:
                digest = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
            # The files are pickles: whatever is not what its authors published must not be opened.
            if digest != expected:
                raise errors.DataError(
                    f"{self.folder / name} is broken: its MD5 is {digest} instead of {expected}; "
                    "delete the folder and run again with a network: it is downloaded anew"
                )
