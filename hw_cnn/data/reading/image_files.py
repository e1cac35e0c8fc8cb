"""Folders of image files: which files are images of which class, and how one is read."""

from __future__ import annotations

from pathlib import Path

import torch
from PIL import Image
from torch import Tensor
from torchvision.datasets.folder import IMG_EXTENSIONS
from torchvision.transforms import v2

from hw_cnn.data import errors


def find_images(folder: Path) -> dict[str, list[Path]]:
    """Give the images below each class folder of `folder`: {class: sorted paths}, classes in order of their names.

    Hidden files and folders, and files that are no images by their suffix, do not count. A class may be empty.

    Raises: DataError when there are no class folders, or the folder cannot be read.
    """
    try:
        classes = sorted(path for path in folder.iterdir() if path.is_dir() and not _is_hidden(path.name))
        images = {path.name: sorted(filter(_is_image, path.rglob("*"))) for path in classes}
    except OSError as error:
        raise errors.DataError(
            f"cannot read {error.filename or folder} ({error.strerror or error}); "
            "root must be a folder with train/CLASS/IMAGE files"
        ) from error
    if not images:
        raise errors.DataError(
            f"{folder} has no class folders; sort its images into {folder}/CLASS/, one folder for each class"
        )
    return {
        name: [path for path in paths if not any(map(_is_hidden, path.relative_to(folder).parts))]
        for name, paths in images.items()
    }


def _is_hidden(name: str) -> bool:
    return name.startswith((".", "__MACOSX"))


def _is_image(path: Path) -> bool:
    return path.suffix.lower() in IMG_EXTENSIONS and path.is_file()


def read_image(path: Path) -> Tensor:
    """Read an image in colour. Shape: (3, H, W) uint8.

    Raises: DataError when the file cannot be read as an image.
    """
    try:
        with Image.open(path) as image:
            pixels: Tensor = v2.functional.pil_to_tensor(image.convert("RGB"))
            return pixels
    # Pillow tells broken files by OSError, some broken PNG by SyntaxError or ValueError, huge ones by its own error.
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        reason = " ".join(str(error).split()).replace(str(path), "the file")
        raise errors.DataError(f"cannot read {path} as an image ({reason}); replace or delete it") from error


def squares(size_px: int, resize_px: int) -> v2.Compose:
    """Make the shorter side `resize_px` long, then take the central square of `size_px`. uint8 stays uint8."""
    return v2.Compose([v2.Resize(resize_px, antialias=True), v2.CenterCrop(size_px)])


def read_squares(paths: list[Path], size_px: int) -> Tensor:
    """Read images, shrink or enlarge each until its shorter side has `size_px`, and take the central square.

    Shape: (len(paths), 3, size_px, size_px) uint8.

    Raises: DataError for the first file that cannot be read as an image.
    """
    crop = squares(size_px, size_px)
    images = torch.empty(len(paths), 3, size_px, size_px, dtype=torch.uint8)
    for place, path in enumerate(paths):
        images[place] = crop(read_image(path))
    return images
