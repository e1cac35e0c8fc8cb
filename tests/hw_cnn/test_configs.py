"""Every packaged recipe: it is read by the command, and its network fits its data."""

from __future__ import annotations

import importlib
import math

import pytest
import torch
import yaml

from hw_cnn import cli, data, models
from hw_cnn.fit import short_names

NAMES = short_names.recipes()


def read(name: str) -> dict:
    return yaml.safe_load((short_names.CONFIGS / f"{name}.yaml").read_text(encoding="utf-8"))


def build(description: dict, **more):
    module, _, name = description["class_path"].rpartition(".")
    return getattr(importlib.import_module(module), name)(**{**description.get("init_args", {}), **more})


def test_there_is_one_for_each_data_set_and_network():
    assert {"digits", "mnist", "fashion-mnist", "cifar10", "shapes"} <= set(NAMES)
    networks = {"lenet5-1998", "lenet5", "alexnet-2012", "alexnet", "vgg16", "vgg16-bn", "seminar-hse"}
    assert {f"{network}-digits" for network in networks} <= set(NAMES)
    for name in set(NAMES) - {"mnist-fast"}:
        network, dash, of_data = name.rpartition("-")
        assert name in data.REGISTRY or (dash and network in models.REGISTRY and of_data in data.REGISTRY), (
            name
        )


@pytest.mark.parametrize("name", NAMES)
def test_network_fits_its_data(name):
    config = read(name)
    module = build(config["data"])
    arguments_ = dict(config["model"]["init_args"])
    with torch.device("meta"):
        network = build(arguments_.pop("model"))
        recipe = build({"class_path": config["model"]["class_path"], "init_args": arguments_}, model=network)
        logits = recipe.eval()(torch.zeros(2, *module.input_shape))
    assert tuple(logits.shape) == (2, module.num_classes)
    assert recipe.hparams["num_classes"] == module.num_classes


@pytest.mark.parametrize("name", NAMES)
def test_command_reads_it(name, capfd):
    assert cli.main(["fit", "--config", name, "--print_config"]) == 0
    shown = yaml.safe_load(capfd.readouterr().out)
    assert shown["model"]["class_path"] == read(name)["model"]["class_path"]
    assert shown["seed_everything"] == 0


@pytest.mark.parametrize("name", [name for name in NAMES if "mnist" in name and "fashion" not in name])
def test_mnist_leaves_out_the_hidden_digits_and_says_so(name):
    head = (short_names.CONFIGS / f"{name}.yaml").read_text(encoding="utf-8").partition("seed_everything")[0]
    assert "Training images 0-9,999 are left out" in " ".join(head.split())
    assert build(read(name)["data"]).skip_first == 10_000


@pytest.mark.parametrize(
    ("name", "batch_size", "epochs"),
    # Krizhevsky et al. 2012, section 5; Simonyan and Zisserman 2015, section 3.1.
    [("alexnet-2012-imagenet", 128, 90), ("vgg16-imagenet", 256, 74), ("lenet5-1998-mnist", None, 20)],
)
def test_papers_figures(name, batch_size, epochs):
    config = read(name)
    assert config["trainer"]["max_epochs"] == epochs
    assert batch_size in (None, config["data"]["init_args"]["batch_size"])


def test_lenets_ink():
    """LeCun 1998, section II-B: background -0.1, foreground 1.175."""
    for name in ("lenet5-1998-digits", "lenet5-1998-mnist"):
        settings = read(name)["data"]["init_args"]
        background, ink = ((value - settings["mean"]) / settings["std"] for value in (0, 1))
        assert math.isclose(background, -0.1, abs_tol=1e-6)
        assert math.isclose(ink, 1.175, abs_tol=1e-6)
