"""A checkpoint (model.safetensors, or model.ckpt of torch or Lightning) -> weights that fit the student's network."""

from __future__ import annotations

import io
import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from autograder.remote.checkpoints import names_of_network
from autograder.remote.failures import StudentFailure
from autograder.remote.student import Student
from autograder.student.packing import words
from autograder.student.packing.refused import RefusedError
from autograder.text import Lang

MOST_NAMES = 5


@dataclass(frozen=True)
class Weights:
    """The content of `model.safetensors`."""

    data: bytes
    num_tensors: int


def safe_weights(data: bytes, name: str, student: Student, lang: Lang) -> Weights:
    """Read, fit strictly into the student's SeminarCNN, convert to float32 on the CPU. Raises: RefusedError."""
    state = read_state(data, name, lang)
    try:
        expected = student.state_dict(student.SeminarCNN())
    except StudentFailure as failure:
        why = failure.said(lang).strip().split("\n")[-1]
        raise RefusedError(words.CKPT_NO_NET.get(lang).format(name=name, why=why)) from failure
    state = names_of_network(state, expected)
    missing, extra = sorted(set(expected) - set(state)), sorted(set(state) - set(expected))
    if missing or extra:
        names = {"missing": _some(missing, lang), "extra": _some(extra, lang)}
        raise RefusedError(words.CKPT_NAMES.get(lang).format(name=name, **names))
    for key, value in state.items():
        if value.shape != expected[key].shape:
            shapes = {"found": tuple(value.shape), "wanted": tuple(expected[key].shape)}
            raise RefusedError(words.CKPT_SHAPE.get(lang).format(name=name, key=key, **shapes))
    tensors = {key: _plain(value) for key, value in sorted(state.items())}
    return Weights(save(tensors), len(tensors))


def _some(names: Sequence[str], lang: Lang) -> str:
    """The first names, and how many more there are."""
    if not names:
        return words.NOTHING.get(lang)
    shown = ", ".join(names[:MOST_NAMES])
    more = len(names) - MOST_NAMES
    return shown if more <= 0 else words.AND_MORE.get(lang).format(names=shown, n=more)


def _plain(value: Tensor) -> Tensor:
    value = value.detach().cpu()
    return (value.float() if value.is_floating_point() else value).clone().contiguous()


def read_state(data: bytes, name: str, lang: Lang) -> dict[str, Tensor]:
    """The tensors of a checkpoint; nothing in it is executed. Raises: RefusedError."""
    try:
        if name.endswith(".safetensors"):
            return load(data)
        content: Any = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    except (SafetensorError, pickle.UnpicklingError, RuntimeError, EOFError, ValueError, KeyError) as error:
        why = words.CKPT_NOT_TENSORS.get(lang)
        raise RefusedError(words.CKPT_UNREADABLE.get(lang).format(name=name, why=why)) from error
    if isinstance(content, Mapping) and isinstance(content.get("state_dict"), Mapping):
        content = content["state_dict"]
    if not isinstance(content, Mapping) or not all(isinstance(value, Tensor) for value in content.values()):
        raise RefusedError(words.CKPT_UNREADABLE.get(lang).format(name=name, why=type(content).__name__))
    return {str(key): value for key, value in content.items()}
