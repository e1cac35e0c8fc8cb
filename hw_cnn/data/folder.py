"""Any images that are sorted into one folder per class."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from hw_cnn import language
from hw_cnn.data import errors
from hw_cnn.data.feeding import epochs, file_loader, in_memory, splits
from hw_cnn.data.reading import image_files

NUM_IMAGES_MEASURED = 1000
MAX_WORKERS = 8


class Files(NamedTuple):
    """The files of one part and their labels (N) int64."""

    paths: list[Path]
    labels: Tensor


class ImageFolderDataModule(in_memory.InMemoryDataModule):
    """Images in `root`/train/CLASS/, and if there are such folders in `root`/val/CLASS/ and `root`/test/CLASS/.

    The classes are the names of the folders, sorted; all parts have the same labels. What measures a network must not
    have chosen it, so the parts never overlap:

    - with val and test, each is what it says;
    - with val alone it is the test part, and the share `val_share` of train is for validation;
    - without both, the share `val_share` of train is for validation and as much for the test.

    Shares are chosen by `seed` with all classes in proportion. Hidden files and files that are no images by their
    suffix are left aside. `mean` and `std` are those of at most 1,000 training images, evenly spaced, unless given.

    `in_memory=True` reads all images once, shrinks them until the shorter side has `image_size` pixels, keeps the
    central square, and augments with TensorLoader's `max_shift_px`, `flip` and `cutout_px`. `in_memory=False` reads
    them with `num_workers` processes (None: one per processor, at most 8) whenever they are needed and takes random
    parts in training: see FileLoader for `crop_share`; `flip` is then "random" or "none".

    Batches: images (B, 3, image_size, image_size) float32, labels (B) int64.

    Raises: ValueError for an argument that is out of range; DataError when folders are missing, a class has no
        training image or a file cannot be read as an image.
    """

    def __init__(
        self,
        root: str = "data",
        batch_size: int = 64,
        image_size: int = 224,
        val_share: float = 0.1,
        seed: int = 0,
        in_memory: bool = False,
        num_workers: int | None = None,
        crop_share: float = 0.08,
        max_shift_px: int = 0,
        flip: str = "random",
        cutout_px: int = 0,
        mean: float | Sequence[float] | None = None,
        std: float | Sequence[float] | None = None,
    ) -> None:
        super().__init__(
            batch_size,
            seed,
            max_shift_px,
            flip=flip,
            cutout_px=cutout_px,
            image_size=image_size,
            mean=mean,
            std=std,
        )
        self.root = root
        self.val_share = val_share
        self.in_memory = in_memory
        self.num_workers = num_workers
        self.crop_share = crop_share
        self.image_shape = (3, image_size, image_size)
        self._files: dict[str, Files] = {}
        self._classes: tuple[str, ...] = ()
        self._check()

    def _check(self) -> None:
        if not 0 < self.val_share < 0.5 or not 0 < self.crop_share <= 1:
            raise ValueError(
                f"val_share (={self.val_share}) must be above 0 and below 0.5, "
                f"crop_share (={self.crop_share}) above 0 and at most 1"
            )
        if not self.in_memory and (self.max_shift_px or self.cutout_px or self.flip == "alternating"):
            raise ValueError(
                f"max_shift_px (={self.max_shift_px}), cutout_px (={self.cutout_px}) and flip (={self.flip!r}) need "
                "in_memory=True; images that stay in files are cropped at random and have flip 'random' or 'none'"
            )
        if self.num_workers is not None and self.num_workers < 0:
            raise ValueError(
                f"num_workers (={self.num_workers}) must be at least 0, or None for one per processor"
            )

    @property
    def num_classes(self) -> int:
        """Number of class folders. Raises: DataError when there are none."""
        return len(self.class_names())

    def class_names(self, lang: str = "en") -> tuple[str, ...]:
        """Give the names of the folders, whatever the language. Raises: DataError when there are none."""
        language.check(lang)
        self._scan()
        return self._classes

    def setup(self, stage: str) -> None:
        """Find the files, and with `in_memory` read what `stage` needs. Raises: DataError for bad files."""
        self._scan()
        if self.in_memory:
            super().setup(stage)
        else:
            self._measure()

    def val_dataloader(self) -> epochs.EpochLoader:
        """Batches of the validation part, in order."""
        return self._loader("val")

    def files(self, split: str) -> Files:
        """Give the files of one part. Raises: DataError when there are none."""
        self._scan()
        return self._files[split]

    def _read(self, split: str) -> in_memory.Split:
        paths, labels = self.files(split)
        return image_files.read_squares(paths, self.image_shape[1]), labels

    def _measured_images(self) -> Iterator[Tensor]:
        paths = self.files("train").paths
        for path in paths[:: -(-len(paths) // NUM_IMAGES_MEASURED)]:
            yield image_files.read_squares([path], self.image_shape[1])

    def _loader(
        self,
        split: str,
        *,
        shuffle: bool = False,
        max_shift_px: int = 0,
        flip: str = "none",
        cutout_px: int = 0,
    ) -> epochs.EpochLoader:
        if self.in_memory:
            return super()._loader(
                split, shuffle=shuffle, max_shift_px=max_shift_px, flip=flip, cutout_px=cutout_px
            )
        mean, std = self._measure()
        device, rank, world_size = in_memory.place(self)
        paths, labels = self.files(split)
        return file_loader.FileLoader(
            paths,
            labels,
            self.batch_size,
            image_size=self.image_shape[1],
            mean=mean,
            std=std,
            shuffle=shuffle,
            crop_share=self.crop_share,
            is_flipping=self.flip == "random",
            num_workers=_num_processors() if self.num_workers is None else self.num_workers,
            seed=self.seed,
            device=device,
            rank=rank,
            world_size=world_size,
        )

    def _scan(self) -> None:
        if self._files:
            return
        root = Path(self.root)
        if not (root / "train").is_dir():
            raise errors.DataError(
                f"{root} has no folder train; root must be a folder with train/CLASS/IMAGE files"
            )
        parts = {
            part: image_files.find_images(root / part)
            for part in ("train", "val", "test")
            if (root / part).is_dir()
        }
        for part, images in parts.items():
            for name in images:
                if not parts["train"].get(name):
                    raise errors.DataError(
                        f"{root / part / name} is a class without an image in {root / 'train' / name}; "
                        "put images there or delete the folder"
                    )
        numbers = self._number_classes(list(parts["train"]))
        self._files = self._cut({part: _label(images, numbers) for part, images in parts.items()})

    def _number_classes(self, folders: list[str]) -> dict[str, int]:
        """Set the classes and give the number of each folder."""
        self._classes = tuple(folders)
        return {name: number for number, name in enumerate(folders)}

    def _cut(self, parts: dict[str, Files]) -> dict[str, Files]:
        """Cut off the training part what is missing. Raises: DataError when nothing would be left of a part."""
        size = round(self.val_share * len(parts["train"].paths))
        if "test" not in parts and "val" in parts:
            parts["test"] = parts.pop("val")
        for part in ("test", "val"):
            if part not in parts:
                train, labels = parts["train"]
                rest, chosen = splits.stratified_split(labels, size, self.seed)
                parts["train"] = Files([train[index] for index in rest], labels[rest])
                parts[part] = Files([train[index] for index in chosen], labels[chosen])
        for part, files in parts.items():
            if not files.paths:
                raise errors.DataError(
                    f"{self.root} gives no image for the part {part!r}; add images, or take a larger "
                    f"val_share (={self.val_share})"
                )
        return parts


def _label(images: dict[str, list[Path]], numbers: dict[str, int]) -> Files:
    labels = [numbers[name] for name, paths in images.items() for _ in paths]
    return Files(
        [path for paths in images.values() for path in paths], torch.tensor(labels, dtype=torch.int64)
    )


def _num_processors() -> int:
    return min(
        MAX_WORKERS, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    )
