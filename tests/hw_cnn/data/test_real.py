"""The published files themselves, where HW_CNN_DATA names the folder that holds them."""

from __future__ import annotations

import os
import tarfile
from pathlib import Path

import pytest
import torch

from hw_cnn.data import digits, folder, mnist
from hw_cnn.data.reading import embedded

ROOT = Path(os.environ.get("HW_CNN_DATA", ""))
HAS_MNIST = bool(os.environ.get("HW_CNN_DATA")) and (ROOT / "MNIST/raw").is_dir()
CIFAR10_JPEG = ROOT / "cifar10-train-jpg.tar"

# Per digit, as counted by LeCun's tables and every tutorial since.
TRAIN_COUNTS = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
TEST_COUNTS = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]

needs_mnist = pytest.mark.skipif(not HAS_MNIST, reason="HW_CNN_DATA names no folder with MNIST/raw")
needs_cifar10 = pytest.mark.skipif(
    not os.environ.get("HW_CNN_DATA") or not CIFAR10_JPEG.is_file(),
    reason="HW_CNN_DATA names no folder with cifar10-train-jpg.tar",
)


def bytes_of(images: torch.Tensor) -> set[bytes]:
    return {image.numpy().tobytes() for image in images}


@needs_mnist
def test_mnist_has_its_counts_and_statistics():
    module = mnist.MNISTDataModule(str(ROOT), val_size=0, skip_first=0)
    module.setup("fit")
    module.setup("test")
    assert module.splits["train"][1].bincount().tolist() == TRAIN_COUNTS
    assert module.splits["test"][1].bincount().tolist() == TEST_COUNTS
    # The constants that everybody uses, and that the embedded digits use.
    assert round(module.mean, 4) == digits.DigitsDataModule.mean
    assert round(module.std, 4) == digits.DigitsDataModule.std


@needs_mnist
def test_mnist_leaves_out_all_digits_of_the_homework():
    whole = mnist.MNISTDataModule(str(ROOT), val_size=0, skip_first=0)
    whole.setup("fit")
    first = bytes_of(whole.splits["train"][0][:10_000])
    ours = set.union(*(bytes_of(embedded.load_digits(split)[0]) for split in embedded.SPLITS))
    assert len(ours) == 8000
    assert ours < first
    module = mnist.MNISTDataModule(str(ROOT))
    module.setup("fit")
    assert [len(module.splits[split][1]) for split in ("train", "val")] == [45_000, 5000]
    used = bytes_of(module.splits["train"][0]) | bytes_of(module.splits["val"][0])
    # 50,000 images, no two of them alike: none of the 10,000 has a twin among them.
    assert len(used) == 50_000
    assert not used & first


@pytest.fixture(scope="module")
def cifar10_folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first 20 images of each class."""
    root = tmp_path_factory.mktemp("cifar10")
    counts: dict[str, int] = {}
    with tarfile.open(CIFAR10_JPEG) as archive:
        for member in archive:
            name = Path(member.name).parent.name
            if member.isfile() and counts.get(name, 0) < 20:
                counts[name] = counts.get(name, 0) + 1
                archive.extract(
                    member, root, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {})
                )
            if len(counts) == 10 and min(counts.values()) == 20:
                break
    return root


@needs_cifar10
@pytest.mark.parametrize("in_memory", [True, False])
def test_cifar10_as_folders_of_jpeg(in_memory, cifar10_folders):
    module = folder.ImageFolderDataModule(
        str(cifar10_folders), image_size=32, in_memory=in_memory, num_workers=0, batch_size=32
    )
    assert module.num_classes == 10
    module.setup("fit")
    # 20 of each class: 2 for the validation, 2 for the test.
    assert module.files("train").labels.bincount().tolist() == [16] * 10
    assert module.files("val").labels.bincount().tolist() == [2] * 10
    images, labels = next(iter(module.train_dataloader()))
    assert images.shape == (32, 3, 32, 32)
    assert len(labels.unique()) > 5
    # Published for all training images: (.4914, .4822, .4465) and (.2470, .2435, .2616).
    assert torch.tensor(module.mean).sub(torch.tensor((0.4914, 0.4822, 0.4465))).abs().max() < 0.03
    assert torch.tensor(module.std).sub(torch.tensor((0.2470, 0.2435, 0.2616))).abs().max() < 0.03
