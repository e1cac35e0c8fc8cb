"""Which checkpoint `--ckpt_path` means, and whether it can be read without running code from it."""

from __future__ import annotations

import pickle
from pathlib import Path

import torch

from hw_cnn import usage

LOGS = "lightning_logs"
# Words that Lightning understands instead of a path when it continues a training.
_LIGHTNINGS_WORDS = ("hpc", "registry")


def resolve(path: str, command: str, root: Path) -> str:
    """Give the file that `path` means for `command`: `last` is the newest one that a training below `root` wrote.

    Raises: usage.InputError unless that is a checkpoint that torch reads with weights_only=True.
    """
    if command == "fit" and path.startswith(_LIGHTNINGS_WORDS):
        return path
    if path == "last":
        path = str(_newest(root))
    if not Path(path).is_file():
        raise usage.InputError(
            f"there is no checkpoint {path!r}; `hw-cnn fit` prints the path of the one it writes"
        )
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, OSError, KeyError, ValueError) as error:
        raise usage.InputError(f"{path!r} is damaged or is not a checkpoint of Lightning") from error
    if not isinstance(content, dict) or "state_dict" not in content:
        raise usage.InputError(f"{path!r} is not a checkpoint of Lightning: it has no 'state_dict'")
    return path


def _newest(root: Path) -> Path:
    """The last epoch of the training that wrote most recently; the best epoch goes by its own path."""
    checkpoints = list((root / LOGS).glob("version_*/checkpoints/last*.ckpt"))
    if not checkpoints:
        raise usage.InputError(
            f"there is no checkpoint to continue from: no {LOGS}/version_*/checkpoints/last.ckpt in {str(root)!r}"
        )
    return max(checkpoints, key=lambda path: path.stat().st_mtime_ns)
