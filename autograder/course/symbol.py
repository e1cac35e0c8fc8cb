"""What a student writes, as a manifest names it: `package.module:Name` or `package.module:Class.method`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from pydantic import PlainSerializer, PlainValidator

PATTERN = re.compile(r"([a-z_][\w.]*):([A-Za-z_]\w*)(?:\.([A-Za-z_]\w*))?")


@dataclass(frozen=True)
class Symbol:
    """A function or class at the top of a module, or one method of such a class."""

    module: str
    name: str
    method: str | None = None

    @classmethod
    def parse(cls, path: str) -> Symbol:
        """`hw_cnn.layers.pooling:pool2d` -> its parts. Raises: ValueError for text of another form."""
        parts = PATTERN.fullmatch(path)
        if parts is None:
            raise ValueError(f"{path!r} is no symbol; write it as module:Name or module:Class.method")
        return cls(*parts.groups())

    def __str__(self) -> str:
        return f"{self.module}:{self.local}"

    @property
    def local(self) -> str:
        """`Name` or `Class.method`: what it is called within its module."""
        return f"{self.name}.{self.method}" if self.method else self.name

    @property
    def file(self) -> str:
        """Path of the module below the folder that holds its package: `hw_cnn/layers/pooling.py`."""
        return self.module.replace(".", "/") + ".py"

    @property
    def top(self) -> Symbol:
        """The symbol without its method: what is set on the module."""
        return Symbol(self.module, self.name)


def tops(symbols: Iterable[Symbol]) -> tuple[Symbol, ...]:
    """The top of each symbol, without repetition, in order."""
    return tuple(dict.fromkeys(symbol.top for symbol in symbols))


def by_module(symbols: Iterable[Symbol]) -> dict[str, list[Symbol]]:
    """The symbols of each module, in order."""
    modules: dict[str, list[Symbol]] = {}
    for symbol in symbols:
        modules.setdefault(symbol.module, []).append(symbol)
    return modules


def _read(value: object) -> Symbol:
    if isinstance(value, Symbol):
        return value
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no text; write a symbol as module:Name or module:Class.method")
    return Symbol.parse(value)


# The field of a model: text in TOML and JSON, a `Symbol` in Python.
SymbolField = Annotated[Symbol, PlainValidator(_read), PlainSerializer(str, return_type=str)]
