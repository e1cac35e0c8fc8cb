"""A TOML file as a checked value, or one sentence that says what is wrong with it and where."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TypeVar

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
        raise UsageError(f"{path}: {_first_problem(error)}") from error


def _first_problem(error: ValidationError) -> str:
    # A misspelled key also makes the right one missing: name the misspelling.
    first = min(error.errors(), key=lambda problem: problem["type"] != "extra_forbidden")
    where = ".".join(str(part) for part in first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        return f"unknown key {where!r}; remove it or correct its spelling"
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return f"{where + ': ' if where else ''}{message}{more}"
