"""A network made again from its checkpoint, and every way in which that must be refused."""

from __future__ import annotations

import os

import pytest
import torch
import yaml
from safetensors.torch import save_file
from torch import nn

from hw_cnn import classifier, data, usage
from hw_cnn.fit import trained
from hw_cnn.models import seminar

CONFIG = {
    "seed_everything": 0,
    "model": {
        "class_path": "hw_cnn.classifier.Classifier",
        "init_args": {
            "model": {
                "class_path": "hw_cnn.models.seminar.SeminarCNN",
                "init_args": {"num_classes": 5, "preset": "hse"},
            },
            "num_classes": 5,
        },
    },
    "data": {"class_path": "hw_cnn.data.digits.DigitsDataModule", "init_args": {"batch_size": 7}},
}


def original(num_classes: int = 5) -> classifier.Classifier:
    torch.manual_seed(5)
    return classifier.Classifier(seminar.SeminarCNN(num_classes=num_classes, preset="hse"), num_classes)


def changed(**parts: object) -> str:
    return yaml.safe_dump({**CONFIG, **parts})


@pytest.fixture
def checkpoint(tmp_path):
    """As `hw-cnn fit` lays them out."""
    path = tmp_path / "lightning_logs/version_0/checkpoints/last.ckpt"
    path.parent.mkdir(parents=True)
    torch.save({"state_dict": original().state_dict(), "epoch": 3}, path)
    (path.parent.parent / "config.yaml").write_text(yaml.safe_dump(CONFIG), encoding="utf-8")
    return path


def test_gives_network_and_data(checkpoint, monkeypatch):
    found = trained.load_checkpoint(checkpoint)
    images = torch.randn(3, 1, 28, 28)
    assert torch.equal(found.model(images), original().eval()(images))
    assert not any(module.training for module in found.model.modules())
    assert type(found.data) is data.DigitsDataModule
    assert found.data.batch_size == 7
    assert found.config == CONFIG
    monkeypatch.chdir(checkpoint.parents[3])
    assert trained.load_checkpoint("last").path.resolve() == checkpoint


def test_config_of_another_place(checkpoint, tmp_path):
    moved = checkpoint.rename(tmp_path / "moved.ckpt")
    with pytest.raises(usage.InputError, match=r"no config.yaml in .* give the recipe or the file"):
        trained.load_checkpoint(moved)
    given = tmp_path / "lightning_logs/version_0/config.yaml"
    assert trained.load_checkpoint(moved, given).config == CONFIG


def test_config_without_data(checkpoint):
    file = checkpoint.parents[1] / "config.yaml"
    file.write_text(changed(data=None), encoding="utf-8")
    assert trained.load_checkpoint(checkpoint).data is None


@pytest.mark.parametrize("of", ["network", "module"])
def test_weights_alone(of, tmp_path):
    module = classifier.Classifier(seminar.SeminarCNN())
    save_file((module.model if of == "network" else module).state_dict(), tmp_path / "model.safetensors")
    found = trained.load_checkpoint(tmp_path / "model.safetensors", "digits")
    images = torch.randn(2, 1, 28, 28)
    assert torch.equal(found.model(images), module(images))


class Evil:
    def __reduce__(self):
        return (os.system, ("touch was_run",))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("none.ckpt", "there is no checkpoint 'none.ckpt'"),
        ("evil.ckpt", "damaged or is not a checkpoint"),
        ("numbers.ckpt", "has no 'state_dict'"),
        ("last", "there is no checkpoint to continue from"),
        ("none.safetensors", "there is no file 'none.safetensors'"),
        ("evil.safetensors", "damaged or is not a file of safetensors"),
        ("other.ckpt", "belongs to another network than"),
    ],
)
def test_refuses_files(name, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save({"state_dict": Evil()}, "evil.ckpt")
    torch.save({"state_dict": Evil()}, "evil.safetensors")
    torch.save({"weights": 1}, "numbers.ckpt")
    torch.save({"state_dict": original(7).state_dict()}, "other.ckpt")
    with pytest.raises(usage.InputError, match=message):
        trained.load_checkpoint(name, "digits")
    assert not (tmp_path / "was_run").exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [", "cannot be read as YAML"),
        ("data: 1", "describes no 'model'"),
        ("- 1", "describes no 'model'"),
        (changed(model="seminar"), "describes a LightningModule by 'seminar'; expected class_path"),
        (changed(model={"class_path": "os.system"}), "'os.system', which is no LightningModule"),
        (changed(model={"class_path": "torch.nn.Linear"}), "which is no LightningModule"),
        (changed(model={"class_path": "no_such.Net"}), "cannot be imported .No module named 'no_such'"),
        (changed(model={"class_path": "Net"}), "cannot be imported"),
        (changed(data={"class_path": "hw_cnn.classifier.Classifier"}), "which is no LightningDataModule"),
        (
            changed(model={**CONFIG["model"], "init_args": {"model": {"class_path": "builtins.eval"}}}),
            "'builtins.eval', which is no Module",
        ),
        (
            changed(data={**CONFIG["data"], "init_args": {"batch_size": 0}}),
            r"DigitsDataModule refuses its arguments: batch_size \(=0\)",
        ),
        (changed(data={**CONFIG["data"], "init_args": {"size": 0}}), "refuses its arguments: .*'size'"),
    ],
)
def test_refuses_configurations(text, message, checkpoint):
    (checkpoint.parents[1] / "config.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(usage.InputError, match=message):
        trained.load_checkpoint(checkpoint)


def test_recipe_that_does_not_exist(checkpoint):
    with pytest.raises(usage.InputError, match="no recipe of that name"):
        trained.load_checkpoint(checkpoint, "nothing")


def test_data_by_name(tmp_path):
    module = trained.data_by_name("mnist", root=str(tmp_path))
    assert (type(module), module.root) == (data.MNISTDataModule, str(tmp_path))
    with pytest.raises(usage.InputError, match="there is no data set 'nothing'; the data sets are digits"):
        trained.data_by_name("nothing")
    with pytest.raises(usage.InputError, match="DigitsDataModule refuses its arguments"):
        trained.data_by_name("digits", root="here")


def test_build_makes_what_is_inside():
    description = {"class_path": "torch.nn.ReLU", "init_args": {"inplace": True}}
    assert trained.build(description, nn.Module).inplace
    assert isinstance(trained.build({"class_path": "torch.nn.ReLU"}, nn.Module), nn.ReLU)
