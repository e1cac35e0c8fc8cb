"""ImageNet as it was in the competition of 2012 (ILSVRC-2012), in the folders of torchvision.

O. Russakovsky et al., "ImageNet large scale visual recognition challenge", 2015.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hw_cnn import language
from hw_cnn.data import errors, folder

CLASSES_FILE = Path(__file__).with_name("imagenet_classes.txt")
# Of the training images, as torchvision's networks expect.
MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)


def load_classes() -> dict[str, str]:
    """Give the 1,000 classes in their standard order: {WordNet identifier: English name}."""
    lines = CLASSES_FILE.read_text(encoding="utf-8").splitlines()
    return dict(line.split(" ", 1) for line in lines if not line.startswith("#"))


class ImageNetDataModule(folder.ImageFolderDataModule):
    """ILSVRC-2012 in `root`/train/WNID/ and `root`/val/WNID/, or a part of it: any of the classes, any of the images.

    A label is the standard number 0..999 of a class, also when there are folders of a few classes only, so that
    published networks can be measured. The folder val is the test part, as in the papers (the test labels were never
    published); the share `val_share` of train is for validation. `mean` and `std` are the usual constants unless
    given. The archives themselves must be unpacked beforehand, for example by torchvision.datasets.ImageNet. All other
    arguments: see ImageFolderDataModule.

    Raises: DataError, in addition, for a folder that is not named by the identifier of a class.
    """

    def __init__(
        self,
        root: str = "data/imagenet",
        *,
        val_share: float = 0.02,
        mean: float | Sequence[float] = MEAN,
        std: float | Sequence[float] = STD,
        **arguments: Any,
    ) -> None:
        super().__init__(root, val_share=val_share, mean=mean, std=std, **arguments)

    @property
    def num_classes(self) -> int:
        """1,000, however many folders there are."""
        return len(load_classes())

    def class_names(self, lang: str = "en") -> tuple[str, ...]:
        """Give the English names, also for "ru": there is no established Russian list of the 1,000 classes."""
        language.check(lang)
        return tuple(load_classes().values())

    def _number_classes(self, folders: list[str]) -> dict[str, int]:
        numbers = {wnid: number for number, wnid in enumerate(load_classes())}
        unknown = [name for name in folders if name not in numbers]
        if unknown:
            raise errors.DataError(
                f"{Path(self.root) / 'train' / unknown[0]} is not named by one of the 1,000 identifiers such as "
                "n01440764; for folders with other names take the data set image-folder"
            )
        return numbers
