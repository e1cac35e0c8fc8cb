"""Loading of published weights, from files on this machine in the places of the real ones."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import torch
import torchvision

from hw_cnn import models
from hw_cnn.models import pretrained

STATE = {"features.0.bias": torch.arange(4.0)}


def published(folder: Path, stem: str, digest: str | None = None) -> str:
    """Write STATE as a publisher does, its hash in the name, and give its address."""
    folder.mkdir(exist_ok=True)
    torch.save(STATE, folder / "weights")
    digest = digest or hashlib.sha256((folder / "weights").read_bytes()).hexdigest()[:8]
    return (folder / "weights").rename(folder / f"{stem}-{digest}.pth").as_uri()


@pytest.fixture
def set_url(monkeypatch, tmp_path):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "home"))

    def set_url(name: str, url: str) -> None:
        weights = torchvision.models.get_model_weights(name.replace("-", "_"))["IMAGENET1K_V1"]
        monkeypatch.setattr(weights.value, "url", url)

    return set_url


@pytest.mark.parametrize("name", ["alexnet", "vgg16-bn"])
def test_downloads_once_and_then_reads_the_file(name, set_url, tmp_path):
    url = published(tmp_path / "publisher", name)
    set_url(name, url)
    assert torch.equal(pretrained.load_torchvision_weights(name)["features.0.bias"], torch.arange(4.0))
    Path(url.removeprefix("file://")).unlink()
    assert list(pretrained.load_torchvision_weights(name)) == list(STATE)


def test_download_with_a_wrong_hash(set_url, tmp_path):
    set_url("vgg11", published(tmp_path / "publisher", "vgg11", digest="00000000"))
    with pytest.raises(ValueError, match=r"what came from file:.* is damaged: its hash is wrong; try again"):
        pretrained.load_torchvision_weights("vgg11")
    assert not list((tmp_path / "home").rglob("*.pth"))


def test_damaged_file_in_the_folder(set_url, tmp_path):
    url = published(tmp_path / "publisher", "alexnet")
    set_url("alexnet", url)
    pretrained.load_torchvision_weights("alexnet")
    (file,) = (tmp_path / "home").rglob("*.pth")
    file.write_bytes(file.read_bytes()[:-10])
    with pytest.raises(ValueError, match=r"alexnet-.*\.pth is damaged: its SHA-256 starts with .* delete it"):
        pretrained.load_torchvision_weights("alexnet")


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/vgg16-0badcafe.pth", "file:///nowhere/vgg16-0badcafe.pth"]
)
def test_without_a_network(url, set_url, tmp_path):
    set_url("vgg16", url)
    with pytest.raises(
        ConnectionError, match=r"the weights of vgg16 are not in .*vgg16-0badcafe\.pth.*connect"
    ):
        pretrained.load_torchvision_weights("vgg16")


def test_names():
    with pytest.raises(
        ValueError, match="there are no weights for 'lenet5'; there are some for alexnet, vgg11"
    ):
        pretrained.load_torchvision_weights("lenet5")
    assert set(pretrained.NAMES) == {
        name for name in models.REGISTRY if name.startswith(("alexnet", "vgg"))
    } - {"alexnet-2012"}
    for name in pretrained.NAMES:
        weights = torchvision.models.get_model_weights(name.replace("-", "_"))["IMAGENET1K_V1"]
        digest = Path(weights.url).stem.rpartition("-")[2]
        assert len(digest) >= 8
        assert int(digest, 16) >= 0
