"""`hw-cnn fit|validate|test|predict`: LightningCLI with the course's defaults, each of which a flag can replace."""

from __future__ import annotations

import errno
import importlib.util
import logging
import os
import pickle
import re
import sys
import warnings
from pathlib import Path
from typing import Any, NoReturn

import torch
from lightning import LightningDataModule, LightningModule, Trainer
from lightning.pytorch.callbacks import Checkpoint, ModelCheckpoint
from lightning.pytorch.cli import LightningArgumentParser, LightningCLI, SaveConfigCallback
from lightning.pytorch.loggers import CSVLogger, Logger, TensorBoardLogger
from lightning.pytorch.utilities.exceptions import MisconfigurationException

from hw_cnn import arguments, callbacks, classifier, models, usage
from hw_cnn.data import digits

LOGS = "lightning_logs"
# One of these stands on every meaningful command line.
_SAYS_MODEL = ("--config", "-c", "--model", "--help", "-h", "--print_config")
# Words that Lightning understands instead of a path when it continues a training.
_CHECKPOINT_WORDS = ("last", "hpc", "registry")


def run(command: str, argv: list[str]) -> None:
    """Run one of Lightning's commands. Raises: usage.UsageError for wrong usage, in one sentence."""
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    # Lightning 2.6 calls functions of jsonargparse that have new names, and jsonargparse would tell the student.
    os.environ.setdefault("JSONARGPARSE_DEPRECATION_WARNINGS", "off")
    # Lightning 2.6 also asks torch a question that newer versions of torch have renamed; there is nothing to mend here.
    warnings.filterwarnings("ignore", message=r"`isinstance\(treespec, LeafSpec\)` is deprecated")
    if command != "fit":
        # What the training's callbacks knew is of no use to a measurement.
        warnings.filterwarnings("ignore", message=r"Be aware that when using `ckpt_path`, callbacks")
    if not any(option.startswith(_SAYS_MODEL) for option in argv):
        raise usage.UsageError(
            f"{command} needs a network: --config NAME ({', '.join(arguments.recipes())}) or --model.model NAME "
            f"({', '.join(models.REGISTRY)}); --help lists all options"
        )
    try:
        _one_command(command)(
            datamodule_class=LightningDataModule,
            subclass_mode_model=True,
            subclass_mode_data=True,
            save_config_callback=_SaveConfig,
            seed_everything_default=0,
            parser_class=_Parser,
            args=[command, *arguments.expand(argv)],
        )
    except MisconfigurationException as error:
        raise usage.UsageError(_one_line(str(error))) from error
    except OSError as error:
        if error.errno not in (
            errno.EACCES,
            errno.EPERM,
            errno.EROFS,
            errno.ENOSPC,
            errno.EDQUOT,
            errno.ENOTDIR,
        ):
            raise
        raise usage.UsageError(
            f"cannot write {error.filename or 'the logs'}: {error.strerror}; "
            "give another place with --trainer.default_root_dir DIR"
        ) from error
    except RuntimeError as error:
        if "loading state_dict" not in str(error):
            raise
        raise usage.UsageError(
            "the checkpoint belongs to another network; give the --config or the --model it was made with"
        ) from error


def _one_command(command: str) -> type[LightningCLI]:
    """Building one parser instead of four saves a second."""
    arguments_to_skip = LightningCLI.subcommands()[command]
    return type(
        "OneCommandCLI", (_CourseCLI,), {"subcommands": staticmethod(lambda: {command: arguments_to_skip})}
    )


class _Parser(LightningArgumentParser):
    """Turns a wrong argument into one sentence, without the usage text."""

    def error(self, message: str, ex: Exception | None = None) -> NoReturn:
        raise usage.UsageError(_sentence(message)) from ex


class _SaveConfig(SaveConfigCallback):
    """Writes config.yaml beside the logs of a training, and nowhere else."""

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        if stage == "fit" and trainer.loggers:
            super().setup(trainer, pl_module, stage)


class _CourseCLI(LightningCLI):
    def parse_arguments(self, parser: LightningArgumentParser, args: Any) -> None:
        self.config = parser.parse_args(args)
        command = self.config["subcommand"]
        path = self.config[command].get("ckpt_path")
        if path is not None:
            _check_checkpoint(str(path), command)
        elif command != "fit":
            print("hw-cnn: no --ckpt_path is given, so the network has not been trained", file=sys.stderr)

    def add_arguments_to_parser(self, parser: LightningArgumentParser) -> None:
        parser.set_defaults(
            {
                "model": {"class_path": f"{classifier.__name__}.Classifier"},
                "data": {"class_path": f"{digits.__name__}.DigitsDataModule"},
            }
        )

    def instantiate_classes(self) -> None:
        try:
            super().instantiate_classes()
        except ValueError as error:
            # jsonargparse wraps what a constructor raises in a page of its own.
            cause = usage.root_cause(error)
            if isinstance(cause, ValueError):
                raise usage.UsageError(_one_line(str(cause))) from error
            raise cause from None

    def instantiate_trainer(self, **kwargs: Any) -> Trainer:
        given = self.config_init[self.subcommand]["trainer"]
        try:
            return super().instantiate_trainer(**_defaults(given, self.subcommand), **kwargs)
        except (ImportError, TypeError, ValueError) as error:
            raise usage.UsageError(f"the trainer refuses its options: {_one_line(str(error))}") from error

    def after_fit(self) -> None:
        best = self.trainer.checkpoint_callback
        if isinstance(best, ModelCheckpoint) and best.best_model_path:
            path = Path(best.best_model_path)
            shown = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
            print(f"best {best.monitor} {float(best.best_model_score):.4f}: {shown}")


def _defaults(given: Any, command: str) -> dict[str, Any]:
    """What the course adds to the trainer where the user has said nothing."""
    if given["barebones"] or given["fast_dev_run"]:
        return {}
    added: dict[str, Any] = {"callbacks": list(_as_list(given["callbacks"]))}
    if command == "fit":
        if given["logger"] is None:
            added["logger"] = _loggers(Path(given["default_root_dir"] or "."))
        is_ours = not any(isinstance(callback, Checkpoint) for callback in added["callbacks"])
        if given["enable_checkpointing"] is not False and is_ours:
            name = "{epoch}-{val_accuracy:.4f}"
            added["callbacks"].append(ModelCheckpoint(monitor="val_accuracy", mode="max", filename=name))
    elif given["logger"] is None:
        added["logger"] = False
    if given["enable_model_summary"] is None:
        # Lightning's table would say "Total FLOPs: 0"; `hw-cnn summary` has the figures.
        added["enable_model_summary"] = False
    if command == "predict":
        added["callbacks"].append(callbacks.PrintPredictions())
    if given["enable_progress_bar"] is None and not sys.stderr.isatty():
        added["enable_progress_bar"] = False
        added["callbacks"].append(callbacks.EpochLines())
    return added


def _loggers(root: Path) -> list[Logger]:
    """Both loggers in one new folder: `metrics.csv`, and TensorBoard's file where TensorBoard is installed."""
    numbers = [path.name.removeprefix("version_") for path in (root / LOGS).glob("version_*")]
    version = max((int(number) for number in numbers if number.isdecimal()), default=-1) + 1
    loggers: list[Logger] = [CSVLogger(root, name=LOGS, version=version)]
    if importlib.util.find_spec("tensorboard") is not None:
        loggers.append(TensorBoardLogger(root, name=LOGS, version=version, default_hp_metric=False))
    return loggers


def _check_checkpoint(path: str, command: str) -> None:
    """Raises: usage.UsageError unless `path` is a checkpoint that can be read without running code from it."""
    if command == "fit" and path in _CHECKPOINT_WORDS:
        return
    if not Path(path).is_file():
        raise usage.UsageError(
            f"there is no checkpoint {path!r}; `hw-cnn fit` prints the path of the one it writes"
        )
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, OSError, KeyError, ValueError) as error:
        raise usage.UsageError(f"{path!r} is damaged or is not a checkpoint of Lightning") from error
    if not isinstance(content, dict) or "state_dict" not in content:
        raise usage.UsageError(f"{path!r} is not a checkpoint of Lightning: it has no 'state_dict'")


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _sentence(message: str) -> str:
    """Say in one sentence what jsonargparse lays out on many lines."""
    line = _one_line(message)
    key = re.search(r'[Kk]ey "([^"]+)"', line)
    missing = re.search(r"the following arguments are required: ([\w., ]+?)(?: -|$)", line)
    given = re.search(r"Given value: (\S+)", line)
    if key and missing:
        return f"{key[1]} needs {missing[1]}, for example --{key[1]}.{missing[1]} VALUE"
    if key and given:
        expected = [
            kind for kind in re.findall(r"Expected an? <class '([\w.]+)'>", line) if kind != "NoneType"
        ]
        wanted = " or ".join(dict.fromkeys(expected)) or "a name or a value that it knows"
        return f"--{key[1]} cannot be {given[1]!r}; expected {wanted}"
    return line


def _one_line(text: str, limit: int = 400) -> str:
    line = re.sub(r"\s+", " ", text).strip()
    return line if len(line) <= limit else line[:limit].rstrip() + "..."
