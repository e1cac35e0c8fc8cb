"""Grey images that a function reads, as a LightningDataModule.

W. Falcon and others, Lightning documentation, "LightningDataModule": what is done once, what in each process, and what
gives the batches of each part.
"""

from __future__ import annotations

from collections.abc import Callable

from lightning import LightningDataModule
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from hw_cnn.data.feeding import splits

Part = tuple[Tensor, Tensor]


class _Images(Dataset[Part]):
    """Normalised images with their labels, each changed by `augment` before, whenever it is asked for."""

    def __init__(
        self, part: Part, mean: float, std: float, augment: Callable[[Tensor], Tensor] | None = None
    ) -> None:
        self.images, self.labels = part
        self.mean, self.std = mean, std
        self.augment = augment

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> Part:
        image = self.images[index][None].float() / 255
        if self.augment is not None:
            image = self.augment(image)
        return (image - self.mean) / self.std, self.labels[index]


class ImagesDataModule(LightningDataModule):
    """Batches of grey images, of which `val_size` of those for training are for validation.

    read: `read("train")` and `read("test")` give images (N, H, W) uint8 and labels (N) int64. Nothing is read before
    `setup`, which may be called for one stage alone, and in a process that has never called `prepare_data`.
    val_size: so many images are chosen by `seed`, with all classes in proportion up to one image; the training part is
    the rest. augment: changes an image (1, H, W) of numbers from 0 to 1; None changes nothing. It is called for images
    of the training part, anew in each pass.

    All parts are normalised as (image / 255 - mean) / std with the mean and the standard deviation of all pixels of the
    training part, as they were read. The training part is in another order in each pass, the others are always in one
    order, the test part in that in which it was read. A pass gives each image once; the last batch may be smaller.

    Batches: images (B, 1, H, W) float32, labels (B) int64.

    Raises: ValueError, from `setup`, when `val_size` leaves no image for training, or is negative.
    """

    def __init__(
        self,
        read: Callable[[str], Part],
        batch_size: int = 64,
        val_size: int = 1000,
        seed: int = 0,
        augment: Callable[[Tensor], Tensor] | None = None,
    ) -> None:
        super().__init__()
        self.read = read
        self.batch_size = batch_size
        self.val_size = val_size
        self.seed = seed
        self.augment = augment

    def setup(self, stage: str) -> None:
        """Read, split and measure what `stage` (fit, validate, test or predict) needs."""
        images, labels = self.read("train")
        rest, chosen = splits.stratified_split(labels, self.val_size, self.seed)
        self.train, self.val = (images[rest], labels[rest]), (images[chosen], labels[chosen])
        # Of what trains alone, whatever the stage: validation and test are measured by the same numbers.
        (self.mean,), (std,) = splits.channel_statistics([images[rest][:, None]])
        self.std = std or 1.0  # one colour throughout has no deviation, and stays as it is
        if stage in ("test", "predict"):
            self.test = self.read("test")

    def train_dataloader(self) -> DataLoader[Part]:
        """Shuffled and augmented batches of the training part."""
        images = _Images(self.train, self.mean, self.std, self.augment)
        return DataLoader(images, self.batch_size, shuffle=True)

    def val_dataloader(self) -> DataLoader[Part]:
        """Batches of the validation part, in order."""
        return DataLoader(_Images(self.val, self.mean, self.std), self.batch_size)

    def test_dataloader(self) -> DataLoader[Part]:
        """Batches of the test part, in order."""
        return DataLoader(_Images(self.test, self.mean, self.std), self.batch_size)
