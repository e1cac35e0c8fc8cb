"""MNIST and Fashion-MNIST, in the folders where torchvision keeps them.

Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document recognition", 1998;
H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST: a novel image dataset for benchmarking machine learning algorithms",
2017.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import Tensor
from torchvision import datasets

from hw_cnn.data import digits, errors
from hw_cnn.data.feeding import in_memory, splits
from hw_cnn.data.reading import downloads, idx

FILES = {
    "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}


class MNISTDataModule(in_memory.InMemoryDataModule):
    """MNIST: 60,000 images for training, of which `val_size` are for validation, and 10,000 for the test.

    The first `skip_first` training images are left out, because images 0-9,999 hold the hidden digits of the homework
    on the seminar's network; `skip_first=0` uses all. The validation part is chosen by `seed` with all digits in
    proportion. The files lie in `root`/MNIST/raw and are downloaded by `prepare_data` where they are missing.
    All other arguments: see InMemoryDataModule.

    Batches: images (B, 1, 28, 28) float32, labels (B) int64.

    Raises: ValueError for an argument that is out of range; DataError, from `prepare_data` and `setup`, when files
        cannot be downloaded, are missing or are broken.
    """

    num_classes = 10
    image_shape = (1, 28, 28)
    names: ClassVar = {"ru": digits.NAMES, "en": digits.NAMES}
    dataset: type[datasets.MNIST] = datasets.MNIST

    def __init__(
        self,
        root: str = "data",
        batch_size: int = 64,
        val_size: int = 5000,
        seed: int = 0,
        skip_first: int = 10_000,
        **arguments: Any,
    ) -> None:
        super().__init__(batch_size, seed, **arguments)
        if val_size < 0 or skip_first < 0:
            raise ValueError(f"val_size (={val_size}) and skip_first (={skip_first}) must be at least 0")
        self.root = root
        self.val_size = val_size
        self.skip_first = skip_first

    @property
    def folder(self) -> Path:
        """Where the files lie."""
        return Path(self.root) / self.dataset.__name__ / "raw"

    def prepare_data(self) -> None:
        """Download what is missing. Raises: DataError when that fails."""
        if self._missing():
            name = self.dataset.__name__
            mend = (
                f"without a network put {', '.join(FILES['train'] + FILES['test'])} there, "
                "or give the folder that holds them as root/" + f"{name}/raw"
            )
            downloads.download(name, self.folder, lambda: self.dataset(self.root, download=True), mend)

    def _missing(self) -> list[str]:
        return [name for names in FILES.values() for name in names if not (self.folder / name).is_file()]

    def _read(self, split: str) -> in_memory.Split:
        images, labels = self._read_files("test" if split == "test" else "train")
        if split == "test":
            return images, labels
        images, labels = images[self.skip_first :], labels[self.skip_first :]
        if self.val_size >= len(labels):
            raise errors.DataError(
                f"val_size (={self.val_size}) leaves nothing of {len(labels)} training images "
                f"after skip_first (={self.skip_first}); take smaller numbers"
            )
        train, val = splits.stratified_split(labels, self.val_size, self.seed)
        chosen = train if split == "train" else val
        return images[chosen], labels[chosen]

    def _read_files(self, part: str) -> tuple[Tensor, Tensor]:
        missing = self._missing()
        if missing:
            raise errors.DataError(
                f"{self.folder} has no {', '.join(missing)}; prepare_data() downloads, root says where to look"
            )
        paths = [self.folder / name for name in FILES[part]]
        images, labels = idx.read(paths[0], self.image_shape[1:]), idx.read(paths[1], ())
        if len(images) != len(labels) or not len(labels) or int(labels.max()) >= self.num_classes:
            largest = int(labels.max()) if len(labels) else "none"
            raise errors.DataError(
                f"{paths[0]} holds {len(images)} images, {paths[1].name} {len(labels)} labels up to {largest}; "
                f"expected as many, at least one, and labels below {self.num_classes}; {idx.MEND}"
            )
        return images, labels.to(torch.int64)


class FashionMNISTDataModule(MNISTDataModule):
    """Fashion-MNIST: clothes in the format of MNIST, in `root`/FashionMNIST/raw. Nothing is left out by default.

    All arguments, batches and errors: see MNISTDataModule.
    """

    names: ClassVar = {
        "ru": (
            "футболка",
            "брюки",
            "свитер",
            "платье",
            "пальто",
            "сандалия",
            "рубашка",
            "кроссовка",
            "сумка",
            "ботинок",
        ),
        "en": (
            "T-shirt/top",
            "trouser",
            "pullover",
            "dress",
            "coat",
            "sandal",
            "shirt",
            "sneaker",
            "bag",
            "ankle boot",
        ),
    }
    dataset = datasets.FashionMNIST

    def __init__(self, root: str = "data", *, skip_first: int = 0, **arguments: Any) -> None:
        super().__init__(root, skip_first=skip_first, **arguments)
