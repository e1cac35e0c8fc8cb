"""Each backbone is loaded or refused in one sentence."""

from __future__ import annotations

import sys

import pytest
import torch
import torchvision
from matplotlib import cbook
from PIL import Image
from torch import nn
from torchvision.transforms import v2

from hw_cnn import models, usage
from hw_cnn.data import imagenet
from hw_cnn.fit import trained
from hw_cnn.transfer import backbones, efficientnet, embedding, stored_images

needs_extra = pytest.mark.skipif(
    not efficientnet.is_installed(),
    reason="the extra `transfer` is not installed: pip install 'hw-cnn[transfer]'",
)


def test_checkpoint(checkpoint):
    backbone = backbones.load_backbone(str(checkpoint))
    module = trained.load_checkpoint(checkpoint).model
    assert type(backbone.model).__name__ == "SeminarCNN"
    images = torch.randn(3, 1, 28, 28)
    assert torch.equal(backbone.model(images), module(images))
    assert not backbone.model.training
    assert (backbone.preprocessing.num_channels, backbone.preprocessing.size_px) == (1, 28)
    assert (backbone.preprocessing.mean, backbone.preprocessing.std) == ((0.1307,), (0.3081,))


def test_checkpoint_without_the_librarys_data(checkpoint, tmp_path):
    text = (checkpoint.parents[1] / "config.yaml").read_text(encoding="utf-8")
    config = tmp_path / "config.yaml"
    config.write_text(text.partition("\ndata:")[0], encoding="utf-8")
    with pytest.raises(usage.InputError, match="does not name one of the library's data sets"):
        backbones.load_backbone(str(checkpoint), config)
    config.write_text(
        text.partition("\ndata:")[0]
        + "\ndata:\n  class_path: hw_cnn.data.folder.ImageFolderDataModule\n  init_args: {root: nowhere}\n",
        encoding="utf-8",
    )
    with pytest.raises(
        usage.InputError, match=r"mean and deviation .* are not known: nowhere has no folder train"
    ):
        backbones.load_backbone(str(checkpoint), config)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "resnet",
            "there is no backbone 'resnet'; known are efficientnet-lite0, alexnet, vgg16, a checkpoint",
        ),
        ("none.ckpt", "there is no checkpoint 'none.ckpt'"),
    ],
)
def test_refuses(name, message):
    with pytest.raises(usage.InputError, match=message):
        backbones.load_backbone(name)


@pytest.fixture
def no_network(tmp_path, monkeypatch):
    """A download that fails at once, and an empty download folder."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "home"))
    for name in backbones.TORCHVISION:
        weights = torchvision.models.get_model_weights(name)["IMAGENET1K_V1"]
        monkeypatch.setattr(weights.value, "url", f"file://{tmp_path}/nowhere/{name}-00000000.pth")


@pytest.mark.parametrize("name", backbones.TORCHVISION)
def test_torchvisions_weights_without_a_network(name, no_network):
    with pytest.raises(
        usage.InputError, match=f"the weights of {name} are not in .* and cannot be downloaded"
    ):
        backbones.load_backbone(name)


def test_torchvisions_weights(monkeypatch):
    torch.manual_seed(0)
    original = torchvision.models.alexnet().eval()
    monkeypatch.setattr(
        "hw_cnn.models.pretrained.load_torchvision_weights", lambda name: original.state_dict()
    )
    backbone = backbones.load_backbone("alexnet")
    images = torch.randint(0, 256, (2, 3, 32, 32), dtype=torch.uint8)
    ((batch, _),) = backbone.preprocessing.batches(stored_images.Part(images, torch.zeros(2)), 2)
    enlarged = v2.functional.resize(images.float() / 255, [224, 224], antialias=True)
    normal = v2.functional.normalize(enlarged, list(imagenet.MEAN), list(imagenet.STD))
    torch.testing.assert_close(batch, normal, atol=1e-4, rtol=1e-4)
    with torch.inference_mode():
        torch.testing.assert_close(backbone.model(batch[:1]), original(normal[:1]), atol=1e-4, rtol=1e-4)
    features, _ = embedding.embed(backbone.model, [(batch[:1], torch.zeros(1))])
    assert features.shape == (1, 4096)


def test_efficientnet_without_the_extra(monkeypatch):
    for package in efficientnet.PACKAGES:
        monkeypatch.delitem(sys.modules, package, raising=False)
    monkeypatch.setattr(efficientnet, "PACKAGES", ("no_such_package",))
    assert not efficientnet.is_installed()
    with pytest.raises(usage.InputError, match="pip install no-such-package"):
        backbones.load_backbone(efficientnet.NAME)


@needs_extra
def test_efficientnet_knows_a_uniform(capfd):
    state = torch.get_rng_state()
    backbone = backbones.load_backbone(efficientnet.NAME)
    assert torch.equal(torch.get_rng_state(), state)
    assert capfd.readouterr() == ("", "")
    assert sum(parameter.numel() for parameter in backbone.model.parameters()) == 4_652_008
    with Image.open(cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)) as image:
        photo = v2.functional.pil_to_tensor(image.convert("RGB"))
    crop = v2.functional.center_crop(v2.functional.resize(photo, [224], antialias=True), [224, 224])
    # A second, grey image of another size goes the same way.
    grey = stored_images.Part(torch.zeros(1, 28, 28, dtype=torch.uint8), torch.zeros(1))
    ((batch, _),) = backbone.preprocessing.batches(stored_images.Part(crop[None], torch.zeros(1)), 1)
    ((dark, _),) = backbone.preprocessing.batches(grey, 1)
    with torch.inference_mode():
        logits = backbone.model(torch.cat([batch, dark]))
    names = list(imagenet.load_classes().values())
    best = [names[number] for number in logits[0].topk(5).indices.tolist()]
    assert any("military uniform" in name for name in best), best
    features, _ = embedding.embed(backbone.model, [(batch, torch.zeros(1))], l2=False)
    dense = [module for module in backbone.model.modules() if isinstance(module, nn.Linear)][-1]
    torch.testing.assert_close(dense(features)[0], logits[0], atol=1e-3, rtol=1e-3)


def test_names_are_of_the_registry():
    assert set(backbones.TORCHVISION) <= set(models.REGISTRY)
