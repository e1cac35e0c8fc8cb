"""Features are computed once for each network, layer, preprocessing and part, and never taken for another's."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from hw_cnn.data.reading import embedded
from hw_cnn.models import seminar
from hw_cnn.transfer import backbones, preprocessing, stored_images
from hw_cnn.transfer.experiment import feature_cache

WANTED = preprocessing.Preprocessing(1, 28, (0.1307,), (0.3081,))


@pytest.fixture
def backbone():
    torch.manual_seed(0)
    return backbones.Backbone("seminar", seminar.SeminarCNN().eval(), WANTED)


@pytest.fixture
def part():
    images, labels = embedded.load_digits("val")
    return stored_images.Part(images[:20], labels[:20])


def files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.*"))


def test_second_time_is_read_and_equal(backbone, part, cache_folder):
    first = feature_cache.features(backbone, part)
    second = feature_cache.features(backbone, part)
    assert (first.is_from_cache, second.is_from_cache) == (False, True)
    assert torch.equal(first.features, second.features)
    images = (part.images[:, None].float() / 255 - 0.1307) / 0.3081
    inside = backbone.model.head[:-1](backbone.model.features(images))
    torch.testing.assert_close(first.features, F.normalize(inside).detach())
    (file,) = files(cache_folder)
    assert file.suffix == ".safetensors"


def test_whatever_decides_the_features_is_in_the_key(backbone, part, cache_folder, monkeypatch):
    feature_cache.features(backbone, part)
    changed = torch.nn.Sequential(backbone.model)
    other = seminar.SeminarCNN().eval()
    buffered = seminar.SeminarCNN()
    buffered.load_state_dict(backbone.model.state_dict())
    buffered.register_buffer("offset", torch.zeros(1), persistent=False)
    slight = seminar.SeminarCNN()
    slight.load_state_dict(backbone.model.state_dict())
    with torch.no_grad():
        slight.head[0].bias[3] = torch.nextafter(slight.head[0].bias[3], torch.tensor(9.0))
    variants = [
        (replace(backbone, model=model.eval()), part, None, True)
        for model in (changed, other, buffered, slight)
    ]
    variants += [(backbone, part, "head.1", True), (backbone, part, None, False)]
    variants += [(replace(backbone, preprocessing=replace(WANTED, mean=(0.13,))), part, None, True)]
    variants += [(backbone, part.select(torch.arange(19)), None, True)]
    for number, (one, images, layer, l2) in enumerate(variants, start=2):
        assert not feature_cache.features(one, images, layer, l2).is_from_cache
        assert len(files(cache_folder)) == number
    monkeypatch.setattr(feature_cache.hw_cnn, "__version__", "0.0.0")
    assert not feature_cache.features(backbone, part).is_from_cache


def test_name_and_labels_are_not_in_the_key(backbone, part):
    feature_cache.features(backbone, part)
    assert feature_cache.features(replace(backbone, name="moved"), part).is_from_cache
    assert feature_cache.features(
        backbone, stored_images.Part(part.images, part.labels.flip(0))
    ).is_from_cache


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[:-10],
        lambda content: b"",
        lambda content: content[:-1] + bytes([content[-1] ^ 1]),
        lambda content: b"x" * 100,
    ],
    ids=["cut", "empty", "one bit", "nonsense"],
)
def test_damaged_file_is_computed_anew(damage, backbone, part, cache_folder):
    first = feature_cache.features(backbone, part)
    (file,) = files(cache_folder)
    file.write_bytes(damage(file.read_bytes()))
    again = feature_cache.features(backbone, part)
    assert not again.is_from_cache
    assert torch.equal(again.features, first.features)
    assert feature_cache.features(backbone, part).is_from_cache
    assert files(cache_folder) == [file]


def test_folder_that_cannot_be_written(backbone, part, cache_folder):
    cache_folder.write_text("a file in the way", encoding="utf-8")
    with pytest.warns(feature_cache.CacheWarning, match="features cannot be kept in .*HW_CNN_CACHE"):
        found = feature_cache.features(backbone, part)
    assert not found.is_from_cache
    assert found.features.shape == (20, 84)


def test_nothing_is_left_of_a_write_that_fails(backbone, part, cache_folder, monkeypatch):
    def fail(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.warns(feature_cache.CacheWarning, match="No space left"):
        feature_cache.features(backbone, part)
    assert files(cache_folder) == []


def test_class_without_a_source_is_not_cached(part, cache_folder):
    namespace = {"nn": nn, "__name__": "typed_in"}
    exec("class Net(nn.Sequential):\n    pass", namespace)
    model = namespace["Net"](nn.Flatten(), nn.Linear(784, 3)).eval()
    backbone = backbones.Backbone("mine", model, WANTED)
    assert not feature_cache.features(backbone, part).is_from_cache
    assert not feature_cache.features(backbone, part).is_from_cache
    assert not cache_folder.exists()


def test_where_the_folder_is(monkeypatch, tmp_path):
    monkeypatch.setenv("HW_CNN_CACHE", str(tmp_path / "own"))
    assert feature_cache.folder() == tmp_path / "own"
    monkeypatch.delenv("HW_CNN_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert feature_cache.folder() == tmp_path / "xdg/hw-cnn"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert feature_cache.folder() == Path(os.environ["HOME"]) / ".cache/hw-cnn"
