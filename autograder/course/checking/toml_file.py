"""A TOML file as a checked value, or an error that says all that is wrong with it, and where."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from autograder.errors import UsageError

Model = TypeVar("Model", bound=BaseModel)


def load(path: Path, model: type[Model], hint: str = "") -> Model:
    """Read and check `path`. Raises: UsageError naming file, key and mend; `hint` follows when there is no file."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(f"{path} does not exist" + (f"; {hint}" if hint else "")) from None
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}; check its permissions") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 (byte {error.start}); save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path} is not valid TOML: {error}") from error
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise UsageError(_told(path, _problems(error, data))) from error


def _told(path: Path, problems: Sequence[str]) -> str:
    """One problem in one sentence, several with a line each."""
    if len(problems) == 1:
        return f"{path}: {problems[0]}"
    return "\n".join([f"{path} has {len(problems)} problems:", *(f"- {problem}" for problem in problems)])


def _problems(error: ValidationError, data: Mapping[str, Any]) -> list[str]:
    """All of them, each with the ids of what it is about."""
    # A misspelled key also makes the right one missing: the misspelling comes first.
    found = sorted(error.errors(), key=lambda problem: problem["type"] != "extra_forbidden")
    places = [problem["loc"] for problem in found]
    sentences = []
    for problem in found:
        within = len(problem["loc"])
        if problem["type"] == "too_short" and any(
            len(place) > within and place[:within] == problem["loc"] for place in places
        ):
            continue  # its entries are there, and wrong
        *parents, _ = loc = problem["loc"] or ("",)
        if problem["type"] == "extra_forbidden":
            home = f"{where}: " if (where := _where(parents, data)) else ""
            sentences.append(f"{home}unknown key {str(loc[-1])!r}; remove it or correct its spelling")
            continue
        where = _where(problem["loc"], data)
        for message in problem["msg"].removeprefix("Value error, ").split("\n"):
            # What spans a task names it itself.
            is_named = not where or message.startswith(where)
            sentences.append(message if is_named else f"{where}: {message}")
    return list(dict.fromkeys(sentences))


def _where(loc: Sequence[int | str], data: Any) -> str:
    """`task A1, test test_a1.py::test_core, points`: entries of a list by their ids, or by their numbers from 1."""
    parts: list[str] = []
    for step in loc:
        data = _inside(data, step)
        if isinstance(step, int) and parts:
            name = parts.pop()
            known = data.get("id") if isinstance(data, Mapping) else None
            parts.append(
                f"{name.removesuffix('s')} {known}" if isinstance(known, str) else f"{name} {step + 1}"
            )
        else:
            parts.append(str(step))
    return ", ".join(parts)


def _inside(data: Any, step: int | str) -> Any:
    try:
        return data[step]
    except (KeyError, IndexError, TypeError):
        return None
