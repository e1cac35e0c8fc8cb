"""MNIST, Fashion-MNIST and CIFAR-10: downloads from a server of our own, and files that are missing or broken."""

from __future__ import annotations

import gzip
import hashlib
import http.server
import io
import sys
import tarfile
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from torchvision import datasets

from hw_cnn import data
from hw_cnn.data import cifar10, mnist
from hw_cnn.data.reading import downloads, idx
from tests.hw_cnn.data import made


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Path, str]]:
    """A folder and the address under which its files can be downloaded."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    folder = tmp_path / "served"
    folder.mkdir()

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *arguments: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield folder, f"http://127.0.0.1:{running.server_port}/"
        running.shutdown()
        thread.join()


def served_mnist(folder: Path, address: str, source: Path) -> type[datasets.MNIST]:
    resources = []
    for path in sorted((source / "MNIST/raw").iterdir()):
        packed = gzip.compress(path.read_bytes())
        (folder / f"{path.name}.gz").write_bytes(packed)
        resources.append((f"{path.name}.gz", hashlib.md5(packed).hexdigest()))
    return type("MNIST", (datasets.MNIST,), {"mirrors": [address], "resources": resources})


def test_mnist_is_downloaded_once(server, tmp_path, capsys):
    made.write_mnist(tmp_path / "source")
    dataset = served_mnist(*server, tmp_path / "source")
    module = mnist.MNISTDataModule(str(tmp_path / "root"), val_size=20, skip_first=0)
    module.dataset = dataset
    module.prepare_data()
    module.setup("fit")
    assert len(module.splits["train"][1]) == 199
    for path in server[0].iterdir():
        path.unlink()
    again = mnist.MNISTDataModule(str(tmp_path / "root"), val_size=20, skip_first=0)
    again.dataset = dataset
    again.prepare_data()
    again.setup("test")
    # torchvision's own reader is the oracle for ours.
    expected = dataset(tmp_path / "root", train=False)
    assert torch.equal(again.splits["test"][0], expected.data)
    assert torch.equal(again.splits["test"][1], expected.targets)


def test_cifar10_is_downloaded_once(server, tmp_path):
    dataset = made.write_cifar10(tmp_path / "source")
    folder, address = server
    with tarfile.open(folder / dataset.filename, "w:gz") as archive:
        archive.add(tmp_path / "source" / dataset.base_folder, dataset.base_folder)
    dataset.url = address + dataset.filename
    dataset.tgz_md5 = hashlib.md5((folder / dataset.filename).read_bytes()).hexdigest()
    module = cifar10.CIFAR10DataModule(str(tmp_path / "root"), val_size=20)
    module.dataset = dataset
    module.prepare_data()
    (folder / dataset.filename).unlink()
    module.prepare_data()
    module.setup("fit")
    module.setup("test")
    assert [len(module.splits[split][1]) for split in ("train", "val", "test")] == [200, 20, 44]
    expected = dataset(tmp_path / "root", train=False)
    assert np.array_equal(module.splits["test"][0].permute(0, 2, 3, 1).numpy(), expected.data)
    assert module.splits["test"][1].tolist() == expected.targets


def test_an_archive_that_leaves_its_folder_is_refused(server, tmp_path):
    dataset = made.write_cifar10(tmp_path / "source")
    folder, address = server
    with tarfile.open(folder / dataset.filename, "w:gz") as archive:
        archive.add(tmp_path / "source" / dataset.base_folder / "batches.meta", "../outside")
    dataset.url = address + dataset.filename
    dataset.tgz_md5 = hashlib.md5((folder / dataset.filename).read_bytes()).hexdigest()
    module = cifar10.CIFAR10DataModule(str(tmp_path / "root"))
    module.dataset = dataset
    with pytest.raises(data.DataError, match=r"cannot download CIFAR-10 to .*outside the destination"):
        module.prepare_data()
    assert not (tmp_path / "outside").exists()


@pytest.fixture(params=["with filters", "without"])
def filters(request, monkeypatch):
    """Python before 3.11.4 has no filters; 3.12 and later always have, and warn of a tar file unpacked without."""
    if request.param == "without":
        if sys.version_info >= (3, 12):
            pytest.skip("this Python has filters for tar files")
        monkeypatch.delattr(tarfile, "data_filter", raising=False)
    elif not hasattr(tarfile, "data_filter"):
        pytest.skip("this Python has no filters for tar files")


def pack(path, *members):
    with tarfile.open(path, "w") as archive:
        for member in members:
            archive.addfile(member, io.BytesIO(b"x" * member.size))
    return path


def member(name, kind=tarfile.REGTYPE, target=""):
    made = tarfile.TarInfo(name)
    made.type, made.linkname, made.size = kind, target, int(kind == tarfile.REGTYPE)
    return made


def test_files_and_folders_are_unpacked(filters, tmp_path):
    archive = pack(tmp_path / "a.tar", member("folder", tarfile.DIRTYPE), member("folder/file"))
    downloads.unpack(archive, tmp_path / "to")
    assert (tmp_path / "to/folder/file").read_bytes() == b"x"


@pytest.mark.parametrize(
    "bad",
    [
        member("../outside"),
        member("folder/../../outside"),
        member("link", tarfile.SYMTYPE, "/etc/passwd"),
        member("device", tarfile.CHRTYPE),
    ],
    ids=lambda bad: bad.name,
)
def test_nothing_else_is_unpacked(filters, tmp_path, bad):
    with pytest.raises(tarfile.TarError):
        downloads.unpack(pack(tmp_path / "a.tar", bad), tmp_path / "to")
    assert not (tmp_path / "outside").exists()
    assert not (tmp_path / "to" / bad.name).is_symlink()


def unreachable(kind: type) -> type:
    """Port 9 of this machine takes no connections."""
    address = "http://127.0.0.1:9/"
    return type(kind.__name__, (kind,), {"mirrors": [address], "url": f"{address}x.tar.gz"})


@pytest.mark.parametrize(
    ("make", "dataset", "place", "mend"),
    [
        (mnist.MNISTDataModule, datasets.MNIST, "MNIST/raw", "put train-images-idx3-ubyte, .*MNIST/raw"),
        (
            mnist.FashionMNISTDataModule,
            datasets.FashionMNIST,
            "FashionMNIST/raw",
            "put train-images-idx3-ubyte, ",
        ),
        (
            cifar10.CIFAR10DataModule,
            datasets.CIFAR10,
            "cifar-10-batches-py",
            "unpack cifar-10-python.tar.gz into",
        ),
    ],
)
def test_without_a_network(make, dataset, place, mend, tmp_path, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    module = make(str(tmp_path))
    module.dataset = unreachable(dataset)
    with pytest.raises(data.DataError, match=mend) as caught:
        module.prepare_data()
    message = str(caught.value)
    assert str(tmp_path / place) in message
    assert "Connection refused" in message
    assert "\n" not in message
    with pytest.raises(data.DataError, match=r"prepare_data\(\) downloads, root says where to look"):
        module.setup("test")


def test_a_wrong_checksum_of_a_download(server, tmp_path):
    made.write_mnist(tmp_path / "source")
    dataset = served_mnist(*server, tmp_path / "source")
    next(server[0].glob("train-images*")).write_bytes(b"an error page")
    module = mnist.MNISTDataModule(str(tmp_path / "root"))
    module.dataset = dataset
    with pytest.raises(data.DataError, match=r"cannot download MNIST to .*not found or corrupted"):
        module.prepare_data()


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(data.DataError, match=r"cannot download MNIST to .*Not a directory|File exists"):
        mnist.MNISTDataModule(str(tmp_path / "file")).prepare_data()


def broken_mnist(root: Path, name: str, change) -> mnist.MNISTDataModule:
    made.write_mnist(root)
    path = root / "MNIST/raw" / name
    path.write_bytes(change(path.read_bytes()))
    module = mnist.MNISTDataModule(str(root), val_size=20, skip_first=0)
    module.prepare_data()
    return module


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("train-images-idx3-ubyte", lambda content: content[:-1], "171,711 bytes instead of 171,712"),
        ("train-images-idx3-ubyte", lambda content: content + b"x", "171,713 bytes instead of 171,712"),
        ("train-images-idx3-ubyte", lambda content: b"", "0 bytes instead of at least 16"),
        ("train-images-idx3-ubyte", lambda content: b"<!DOCTYPE html>" + content, "header says 0x3c21444f"),
        ("train-labels-idx1-ubyte", lambda content: content[:4], "4 bytes instead of at least 8"),
        ("train-labels-idx1-ubyte", lambda content: content[:-1] + b"\x0a", "labels up to 10; .*below 10"),
    ],
)
def test_a_broken_file_of_mnist(name, change, message, tmp_path):
    module = broken_mnist(tmp_path, name, change)
    with pytest.raises(data.DataError, match=message) as caught:
        module.setup("fit")
    assert name in str(caught.value)
    assert str(caught.value).endswith(idx.MEND)
    assert "\n" not in str(caught.value)


def test_images_and_labels_of_mnist_that_do_not_belong_together(tmp_path):
    made.write_mnist(tmp_path)
    raw = tmp_path / "MNIST/raw"
    (raw / "train-labels-idx1-ubyte").write_bytes((raw / "t10k-labels-idx1-ubyte").read_bytes())
    with pytest.raises(data.DataError, match="holds 219 images, train-labels-idx1-ubyte 55 labels"):
        mnist.MNISTDataModule(str(tmp_path), val_size=20, skip_first=0).setup("fit")


def test_a_broken_file_of_cifar10_is_not_opened(tmp_path):
    module = cifar10.CIFAR10DataModule(str(tmp_path), val_size=20)
    module.dataset = made.write_cifar10(tmp_path)
    path = tmp_path / "cifar-10-batches-py/data_batch_3"
    path.write_bytes(b"cos\nsystem\n(S'false'\ntR.")
    module.prepare_data()
    with pytest.raises(
        data.DataError, match=r"data_batch_3 is broken: its MD5 is \w{32} instead of \w{32}; delete"
    ):
        module.setup("fit")
    path.unlink()
    with pytest.raises(data.DataError, match="has no data_batch_3; "):
        module.setup("fit")


@pytest.mark.parametrize(
    ("module", "message"),
    [
        (
            mnist.MNISTDataModule,
            r"val_size \(=5000\) leaves nothing of 0 training images after skip_first \(=10000\)",
        ),
        (mnist.FashionMNISTDataModule, r"val_size \(=5000\) leaves nothing of 219 .* skip_first \(=0\)"),
    ],
)
def test_too_few_training_images(module, message, tmp_path):
    made.write_mnist(tmp_path, module.dataset.__name__)
    with pytest.raises(data.DataError, match=message):
        module(str(tmp_path)).setup("fit")


def test_no_validation_part(tmp_path):
    made.write_mnist(tmp_path)
    module = mnist.MNISTDataModule(str(tmp_path), val_size=0, skip_first=19)
    assert module.val_dataloader() == []
    assert len(module.train_dataloader().labels) == 200


def test_skipped_images_are_the_first_ones(tmp_path):
    made.write_mnist(tmp_path)
    whole = datasets.MNIST(tmp_path)
    module = mnist.MNISTDataModule(str(tmp_path), val_size=0, skip_first=100)
    module.setup("fit")
    assert torch.equal(module.splits["train"][0], whole.data[100:])
    assert torch.equal(module.splits["train"][1], whole.targets[100:])


@pytest.mark.parametrize("arguments", [{"val_size": -1}, {"skip_first": -1}])
def test_refuses(arguments):
    with pytest.raises(ValueError, match="must be at least 0"):
        mnist.MNISTDataModule(**arguments)
    with pytest.raises(ValueError, match=r"val_size \(=-1\) must be at least 0"):
        cifar10.CIFAR10DataModule(val_size=-1)


def test_the_library_and_torchvision_name_classes_alike():
    fashion = [name.lower() for name in datasets.FashionMNIST.classes]
    assert [name.lower() for name in mnist.FashionMNISTDataModule.names["en"]] == fashion
