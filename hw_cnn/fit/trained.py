"""A network that `hw-cnn fit` has trained, and the data it was trained on, made again from its checkpoint."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import torch
import yaml
from lightning import LightningDataModule, LightningModule
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from hw_cnn import data as data_sets
from hw_cnn import usage
from hw_cnn.fit import checkpoints, short_names

CONFIG = "config.yaml"
Kind = TypeVar("Kind")


class Trained(NamedTuple):
    """The network in evaluation mode on the CPU, its data (None where the configuration names none), and both files.

    The data module is new: `setup` has not been called.
    """

    model: LightningModule
    data: LightningDataModule | None
    config: dict[str, Any]
    path: Path


def load_checkpoint(path: str | Path, config: str | Path | None = None) -> Trained:
    """Build the network that `config` describes and give it the weights of the checkpoint `path`.

    `path` is a checkpoint of Lightning, `last` for the newest one below the current folder, or a file of weights
    `*.safetensors`. `config` is a file or the name of a packaged recipe; None is the config.yaml that `hw-cnn fit` has
    written beside the checkpoint's folder. Nothing from the checkpoint is run; the classes that the configuration
    names are imported, as `fit` imports them.

    Raises: usage.InputError when a file is missing, damaged or of another kind, and when they do not belong together.
    """
    file, weights = _read_weights(str(path))
    config_file = (
        _config_beside(file) if config is None else Path(short_names.expand(["--config", str(config)])[1])
    )
    settings = _read_config(config_file)
    model = build(settings["model"], LightningModule)
    # A file of weights may hold those of the network alone, without the module that trained it.
    is_bare = file.suffix == ".safetensors" and not any(name.startswith("model.") for name in weights)
    inner = getattr(model, "model", None)
    network = inner if is_bare and isinstance(inner, nn.Module) else model
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        raise usage.InputError(
            f"{str(file)!r} belongs to another network than {str(config_file)!r} describes; "
            "give the --config it was trained with"
        ) from error
    described = settings.get("data")
    data = build(described, LightningDataModule) if described else None
    return Trained(model.eval(), data, settings, file)


def data_by_name(name: str, **init_args: object) -> LightningDataModule:
    """Make the data module that `name` stands for on the command line.

    Raises: usage.InputError for a name that is not in the registry, and for arguments that it refuses.
    """
    if name not in data_sets.REGISTRY:
        raise usage.InputError(
            f"there is no data set {name!r}; the data sets are {', '.join(data_sets.REGISTRY)}"
        )
    return build({"class_path": data_sets.REGISTRY[name], "init_args": init_args}, LightningDataModule)


def build(description: object, kind: type[Kind]) -> Kind:
    """Make an object of a configuration's `class_path` and `init_args`; arguments may be networks themselves.

    Raises: usage.InputError when the description is none, or names no class of this `kind` that takes the arguments.
    """
    if not isinstance(description, Mapping) or not isinstance(description.get("class_path"), str):
        raise usage.InputError(
            f"the configuration describes a {kind.__name__} by {usage.one_line(repr(description), 80)}; "
            "expected class_path and init_args, as `hw-cnn fit` writes them"
        )
    class_path = description["class_path"]
    module, _, name = class_path.rpartition(".")
    try:
        chosen = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise usage.InputError(
            f"the configuration names {class_path!r}, which cannot be imported ({usage.one_line(str(error))})"
        ) from error
    # Whoever wrote the file chooses among networks and data, not among all functions of the system.
    if not isinstance(chosen, type) or not issubclass(chosen, kind):
        raise usage.InputError(f"the configuration names {class_path!r}, which is no {kind.__name__}")
    init_args = {
        key: build(value, nn.Module) if isinstance(value, Mapping) and "class_path" in value else value
        for key, value in (description.get("init_args") or {}).items()
    }
    try:
        return chosen(**init_args)
    except (TypeError, ValueError) as error:
        raise usage.InputError(f"{name} refuses its arguments: {usage.one_line(str(error))}") from error


def _read_weights(path: str) -> tuple[Path, dict[str, Tensor]]:
    if Path(path).suffix == ".safetensors":
        try:
            return Path(path), load_file(path)
        except FileNotFoundError as error:
            raise usage.InputError(f"there is no file {path!r}; `hw-cnn submit` writes one") from error
        except (SafetensorError, OSError) as error:
            raise usage.InputError(f"{path!r} is damaged or is not a file of safetensors") from error
    file = checkpoints.resolve(path, "test", Path())
    content = torch.load(file, map_location="cpu", weights_only=True)
    return Path(file), content["state_dict"]


def _config_beside(checkpoint: Path) -> Path:
    """`fit` writes version_N/config.yaml and version_N/checkpoints/*.ckpt."""
    folders = list(dict.fromkeys((checkpoint.absolute().parent, checkpoint.absolute().parent.parent)))
    for folder in folders:
        if (folder / CONFIG).is_file():
            return folder / CONFIG
    raise usage.InputError(
        f"there is no {CONFIG} in {' or '.join(repr(str(folder)) for folder in folders)} that says which network "
        f"{checkpoint.name!r} belongs to; give the recipe or the file it was trained with: --config NAME"
    )


def _read_config(file: Path) -> dict[str, Any]:
    try:
        settings = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise usage.InputError(
            f"{str(file)!r} cannot be read as YAML: {usage.one_line(str(error))}"
        ) from error
    if not isinstance(settings, dict) or "model" not in settings:
        raise usage.InputError(f"{str(file)!r} describes no 'model'; give a configuration of `hw-cnn fit`")
    return settings
