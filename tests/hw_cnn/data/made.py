"""Small files in the layouts of the real data sets; all images differ."""

from __future__ import annotations

import hashlib
import pickle
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from torchvision import datasets

# Unequal on purpose, and no multiple of a batch.
CLASS_COUNTS = (31, 9, 24, 40, 17, 28, 5, 33, 20, 12)


def labels_of(counts: tuple[int, ...], seed: int) -> NDArray[np.uint8]:
    labels = np.repeat(np.arange(len(counts), dtype=np.uint8), counts)
    return np.random.default_rng(seed).permutation(labels)


def write_idx(path: Path, array: NDArray[np.uint8]) -> None:
    header = struct.pack(f">{1 + array.ndim}i", 0x0800 + array.ndim, *array.shape)
    path.write_bytes(header + array.tobytes())


def write_mnist(root: Path, name: str = "MNIST") -> None:
    """219 images for training and 55 for the test, in root/NAME/raw."""
    folder = root / name / "raw"
    folder.mkdir(parents=True)
    numbers = np.random.default_rng(1)
    for part, labels in (("train", labels_of(CLASS_COUNTS, 0)), ("t10k", labels_of((6, 5) * 5, 1)[:55])):
        images = numbers.integers(0, 256, (len(labels), 28, 28), dtype=np.uint8)
        write_idx(folder / f"{part}-images-idx3-ubyte", images)
        write_idx(folder / f"{part}-labels-idx1-ubyte", labels)


def write_cifar10(root: Path) -> type[datasets.CIFAR10]:
    """Five batches of 44 and a test batch of 44. Gives torchvision's class with the checksums of these files."""
    folder = root / "cifar-10-batches-py"
    folder.mkdir(parents=True)
    numbers = np.random.default_rng(2)
    names = [*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"]
    labels = labels_of((26, 27) * 4 + (26, 26), 3)
    for number, name in enumerate(names):
        data = numbers.integers(0, 256, (44, 3072), dtype=np.uint8)
        content = {"data": data, "labels": labels[number * 44 : (number + 1) * 44].tolist()}
        (folder / name).write_bytes(pickle.dumps(content))
    (folder / "batches.meta").write_bytes(pickle.dumps({"label_names": list("abcdefghij")}))
    sums = {path.name: hashlib.md5(path.read_bytes()).hexdigest() for path in folder.iterdir()}

    contents = {
        "train_list": [[name, sums[name]] for name in names[:5]],
        "test_list": [[names[5], sums[names[5]]]],
        "meta": {"filename": "batches.meta", "key": "label_names", "md5": sums["batches.meta"]},
    }
    return type("CIFAR10", (datasets.CIFAR10,), contents)


def write_images(folder: Path, counts: dict[str, int], size: tuple[int, int] = (24, 20)) -> None:
    """Write `counts[name]` pictures of (width, height) pixels into folder/name, by turns as PNG and JPEG."""
    numbers = np.random.default_rng(int.from_bytes(folder.name.encode()[:4], "big"))
    for name, count in counts.items():
        (folder / name).mkdir(parents=True)
        for number in range(count):
            pixels = numbers.integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
            suffix = "png" if number % 2 else "JPEG"
            Image.fromarray(pixels).save(folder / name / f"{number:03d}.{suffix}")
