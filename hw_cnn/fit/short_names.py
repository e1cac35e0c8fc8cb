"""Short names on the command line: `--config digits`, `--model.model seminar-hse` and `--data mnist`."""

from __future__ import annotations

from pathlib import Path

from hw_cnn import data, models, usage

CONFIGS = Path(__file__).parents[1] / "configs"


def expand(argv: list[str]) -> list[str]:
    """Replace names of packaged recipes by their paths, and names of the registries by classes and their arguments.

    Raises: usage.InputError for a recipe, a model or a data set that does not exist.
    """
    expanded: list[str] = []
    rest = list(argv)
    while rest:
        option, equals, value = rest.pop(0).partition("=")
        handler = HANDLERS.get(option)
        if handler is None:
            expanded.append(option + equals + value)
        elif equals or rest:
            expanded += handler(value if equals else rest.pop(0))
        else:
            raise usage.InputError(f"{option} needs a value, for example {option} {EXAMPLES[handler]}")
    return expanded


def recipes() -> list[str]:
    """Names of the packaged recipes."""
    return sorted(path.stem for path in CONFIGS.glob("*.yaml"))


def _config(value: str) -> list[str]:
    packaged = CONFIGS / f"{value}.yaml"
    path = Path(value) if Path(value).is_file() or value not in recipes() else packaged
    if not path.is_file():
        raise usage.InputError(
            f"there is no file {value!r} and no recipe of that name; the recipes are {', '.join(recipes())}"
        )
    return ["--config", str(path)]


def _model(value: str) -> list[str]:
    entry = models.REGISTRY.get(value)
    if entry is None:
        is_import_path = "." in value or value in {known.class_name for known in models.REGISTRY.values()}
        # Anything with braces is JSON for Lightning's own parser.
        if not is_import_path and "{" not in value:
            raise usage.InputError(
                f"there is no model {value!r}; the models are {', '.join(models.REGISTRY)}, "
                "and your own is given by its import path, for example my_nets.MyNet"
            )
        return ["--model.model", value]
    arguments = [f"--model.model.{name}={argument}" for name, argument in entry.arguments.items()]
    return ["--model.model", entry.class_path, *arguments]


def _data(value: str) -> list[str]:
    if value in data.REGISTRY:
        return ["--data", data.REGISTRY[value]]
    is_import_path = "." in value or value in {path.rpartition(".")[2] for path in data.REGISTRY.values()}
    if not is_import_path and "{" not in value:
        raise usage.InputError(
            f"there is no data set {value!r}; the data sets are {', '.join(data.REGISTRY)}, "
            "and your own data module is given by its import path, for example my_data.MyDataModule"
        )
    return ["--data", value]


HANDLERS = {"--config": _config, "-c": _config, "--model.model": _model, "--data": _data}
EXAMPLES = {_config: "digits", _model: "seminar", _data: "mnist"}
