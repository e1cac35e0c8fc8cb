"""`hw-cnn fit|validate|test|predict`: LightningCLI with the course's defaults, each of which a flag can replace."""

from __future__ import annotations

import errno
import importlib.util
import logging
import os
import re
import sys
import warnings
from pathlib import Path
from typing import Any, NoReturn

import torch
from lightning import LightningDataModule, LightningModule, Trainer
from lightning.fabric.utilities.exceptions import MisconfigurationException
from lightning.pytorch.callbacks import Checkpoint, ModelCheckpoint, ProgressBar
from lightning.pytorch.cli import LightningArgumentParser, LightningCLI, SaveConfigCallback
from lightning.pytorch.loggers import CSVLogger, Logger, TensorBoardLogger

from hw_cnn import classifier, models, usage
from hw_cnn.data import digits
from hw_cnn.evaluation import report
from hw_cnn.fit import agreement, callbacks, checkpoints, short_names

# One of these stands on every meaningful command line.
_SAYS_MODEL = ("--config", "-c", "--model", "--help", "-h", "--print_config")


def run(command: str, argv: list[str]) -> None:
    """Run one of Lightning's commands. Raises: usage.InputError for wrong usage, in one sentence."""
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    _ask_for_gpus_cheaply()
    # Lightning 2.6 calls functions of jsonargparse that have new names, and jsonargparse would tell the student.
    os.environ.setdefault("JSONARGPARSE_DEPRECATION_WARNINGS", "off")
    # Lightning 2.6 also asks torch a question that newer versions of torch have renamed; there is nothing to mend here.
    warnings.filterwarnings("ignore", message=r"`isinstance\(treespec, LeafSpec\)` is deprecated")
    # A training that ends before its first validation has no best epoch; the last one is kept all the same.
    warnings.filterwarnings("ignore", message=r"`ModelCheckpoint\(monitor='val_accuracy'\)` could not find")
    # A continued training writes into a new folder, where it looks for its best epoch anew.
    warnings.filterwarnings("ignore", message=r"The dirpath has changed from")
    if command != "fit":
        # What the training's callbacks knew is of no use to a measurement.
        warnings.filterwarnings("ignore", message=r"Be aware that when using `ckpt_path`, callbacks")
    if not any(option.startswith(_SAYS_MODEL) for option in argv):
        raise usage.InputError(
            f"{command} needs a network: --config NAME ({', '.join(short_names.recipes())}) or --model.model NAME "
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
            args=[command, *short_names.expand(argv)],
        )
    except MisconfigurationException as error:
        raise usage.InputError(usage.one_line(str(error))) from error
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
        raise usage.InputError(
            f"cannot write {error.filename or 'the logs'}: {error.strerror}; "
            "give another place with --trainer.default_root_dir DIR"
        ) from error
    except (IndexError, ValueError) as error:
        _raise_in_one_sentence(error)
    except RuntimeError as error:
        if "loading state_dict" not in str(error):
            raise
        raise usage.InputError(
            "the checkpoint belongs to another network; give the --config or the --model it was made with"
        ) from error


def _ask_for_gpus_cheaply() -> None:
    """Where there is no NVIDIA GPU, let torch ask CUDA for one, not NVIDIA's management library.

    Adam asks in each step. Lightning wants the library asked, so that a process may still fork afterwards; without a
    GPU torch looks for that library again and again, 0.1 to 0.5 ms each time.
    """
    if torch.cuda.device_count() == 0:
        os.environ["PYTORCH_NVML_BASED_CUDA_CHECK"] = "0"


def _raise_in_one_sentence(error: Exception) -> NoReturn:
    """What the library itself found wrong is a sentence already; a stack would only hide it."""
    if usage.is_raised_here(error):
        raise usage.InputError(usage.one_line(str(error))) from error
    outside = re.fullmatch(r"Target (-?\d+) is out of bounds.*", str(error))
    if outside:
        raise usage.InputError(
            f"the data have a label {outside[1]}, the network knows fewer classes; set --model.num_classes, and the "
            "num_classes of --model.model"
        ) from error
    raise error


def _one_command(command: str) -> type[LightningCLI]:
    """Building one parser instead of four saves a second."""
    arguments_to_skip = LightningCLI.subcommands()[command]
    body = {"command": command, "subcommands": staticmethod(lambda: {command: arguments_to_skip})}
    return type("OneCommandCLI", (_CourseCLI,), body)


class _Parser(LightningArgumentParser):
    """Turns a wrong argument into one sentence, without the usage text."""

    def error(self, message: str, ex: Exception | None = None) -> NoReturn:
        raise usage.InputError(usage.of_parser(message)) from ex


class _SaveConfig(SaveConfigCallback):
    """Writes config.yaml beside the logs of a training, and nowhere else."""

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        if stage == "fit" and trainer.loggers:
            super().setup(trainer, pl_module, stage)


class _CourseCLI(LightningCLI):
    command: str

    def parse_arguments(self, parser: LightningArgumentParser, args: Any) -> None:
        self.config = parser.parse_args(args)
        config = self.config[self.command]
        path = config.get("ckpt_path")
        if path is not None:
            root = Path(config["trainer"]["default_root_dir"] or ".")
            config["ckpt_path"] = checkpoints.resolve(str(path), self.command, root)
        elif self.command != "fit" and os.environ.get("LOCAL_RANK", "0") == "0":
            print("hw-cnn: no --ckpt_path is given, so the network has not been trained", file=sys.stderr)
        self.is_data_seed_given = _is_data_seed_given(parser, args)

    def add_arguments_to_parser(self, parser: LightningArgumentParser) -> None:
        parser.set_defaults(
            {
                "model": {"class_path": f"{classifier.__name__}.Classifier"},
                "data": {"class_path": f"{digits.__name__}.DigitsDataModule"},
            }
        )
        if self.command in ("test", "validate"):
            parser.add_lightning_class_args(report.Report, "report")

    def before_instantiate_classes(self) -> None:
        """Let one seed decide everything: the data follow `--seed_everything` unless they have their own."""
        seed = self.config[self.command]["seed_everything"]
        arguments_of_data = self.config[self.command]["data"].get("init_args") or {}
        if "seed" in arguments_of_data and not self.is_data_seed_given and not isinstance(seed, bool):
            arguments_of_data["seed"] = seed

    def instantiate_classes(self) -> None:
        try:
            super().instantiate_classes()
        except ValueError as error:
            # jsonargparse wraps what a constructor raises in a page of its own.
            cause = usage.root_cause(error)
            if isinstance(cause, ValueError):
                raise usage.InputError(usage.one_line(str(cause))) from error
            raise cause from None

    def instantiate_trainer(self, **kwargs: Any) -> Trainer:
        given = self.config_init[self.subcommand]["trainer"]
        try:
            trainer = super().instantiate_trainer(**_defaults(given, self.command), **kwargs)
        except (ImportError, TypeError, ValueError) as error:
            raise usage.InputError(
                f"the trainer refuses its options: {usage.one_line(str(error))}"
            ) from error

        if self.command == "predict" and trainer.world_size > 1:
            raise usage.InputError(
                "predict prints the images in order, which takes one process: --trainer.devices=1"
            )
        return trainer

    def after_fit(self) -> None:
        best = self.trainer.checkpoint_callback
        if not isinstance(best, ModelCheckpoint) or not self.trainer.is_global_zero:
            return
        if best.monitor and best.best_model_path and best.best_model_score is not None:
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
            added["callbacks"] += _checkpoints(is_validated=given["limit_val_batches"] != 0)
        added["callbacks"].append(callbacks.KeepRandomState())
    else:
        if given["logger"] is None:
            added["logger"] = False
        if given["enable_checkpointing"] is None:
            added["enable_checkpointing"] = False
    if given["enable_model_summary"] is None:
        # Lightning's table would say "Total FLOPs: 0"; `hw-cnn summary` has the figures.
        added["enable_model_summary"] = False
    if command == "predict":
        added["callbacks"].append(callbacks.PrintPredictions())
    added["callbacks"].append(agreement.Agreement())
    is_bar_ours = not any(isinstance(callback, ProgressBar) for callback in added["callbacks"])
    if given["enable_progress_bar"] is None and not (sys.stdout.isatty() and sys.stderr.isatty()):
        added["enable_progress_bar"] = False
        added["callbacks"].append(callbacks.EpochLines())
    elif given["enable_progress_bar"] is not False and is_bar_ours:
        added["callbacks"].append(callbacks.MetricsBar())
    return added


def _checkpoints(is_validated: bool) -> list[ModelCheckpoint]:
    """Keep the best epoch, where one is measured, and the last one to continue from."""
    # Lightning's own `save_last` follows the best epoch instead: it is written only when the best one is.
    last = ModelCheckpoint(filename="last", enable_version_counter=False)
    if not is_validated:
        return [last]
    return [ModelCheckpoint(monitor="val_accuracy", mode="max", filename="{epoch}-{val_accuracy:.4f}"), last]


def _loggers(root: Path) -> list[Logger]:
    """Both loggers in one new folder: `metrics.csv`, and TensorBoard's file where TensorBoard is installed."""
    numbers = [path.name.removeprefix("version_") for path in (root / checkpoints.LOGS).glob("version_*")]
    version = max((int(number) for number in numbers if number.isdecimal()), default=-1) + 1
    loggers: list[Logger] = [CSVLogger(root, name=checkpoints.LOGS, version=version)]
    if importlib.util.find_spec("tensorboard") is not None:
        loggers.append(
            TensorBoardLogger(root, name=checkpoints.LOGS, version=version, default_hp_metric=False)
        )
    return loggers


def _is_data_seed_given(parser: LightningArgumentParser, args: list[str]) -> bool:
    """Whether a flag or a configuration file says `data.seed`, be it the default value."""
    if any(option.startswith(("--data.seed", "--data.init_args.seed")) for option in args):
        return True
    try:
        said = parser.parse_args(args, defaults=False)
    except usage.InputError:
        # The full command line was fine, so what is missing here comes from a default.
        return False
    command = said["subcommand"]
    return "seed" in (said[command].get("data", {}).get("init_args") or {})


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
