"""Names that Jupyter gives to every cell: `display`, `get_ipython`, `In`, `Out`, `_`. Here they do nothing.

Shell lines and line magics (`!pip install`, `%matplotlib inline`) are calls of `get_ipython()` once IPython has read
them, so they do nothing wherever they stand. `%cd` and `%env` are the exceptions: files are looked for in the current
folder, and code reads the environment.
"""

from __future__ import annotations

import builtins
import os
import re
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

# `NAME=value` or `NAME value`.
ASSIGNED = re.compile(r"(\w+)(?:\s*=\s*|\s+)(.+)")
# `$name` or `{name}` in the line of a magic.
NAMED = re.compile(r"\$(\w+)|\{(\w+)\}")


class ZMQInteractiveShell:
    """Stands for the kernel's shell; code that asks where it runs looks at the name of this class."""

    def __init__(self, namespace: MutableMapping[str, Any]) -> None:
        self.user_ns = namespace
        self._folders: list[Path] = []
        self._before = Path.cwd()

    def run_line_magic(self, name: str, line: str = "", *_: object) -> None:
        """`%name line`."""
        if name in ("cd", "pushd", "popd"):
            self._change_folder(name, self._filled_in(line).strip().removeprefix("-q ").strip())
        elif name in ("env", "set_env") and (found := ASSIGNED.fullmatch(line.strip())):
            os.environ[found[1]] = found[2]

    def _change_folder(self, name: str, folder: str) -> None:
        here = Path.cwd()
        if name == "pushd":
            self._folders.append(here)
        if name == "popd" and self._folders:
            os.chdir(self._folders.pop())
        elif folder == "-":
            os.chdir(self._before)
        elif folder:
            os.chdir(Path(folder.strip("'\"")).expanduser())
        self._before = here

    def _filled_in(self, line: str) -> str:
        """`$name` and `{name}` as the values that they have in the notebook."""
        return NAMED.sub(lambda found: str(self.user_ns.get(found[1] or found[2], found[0])), line)

    def run_cell_magic(self, *_: object) -> None:
        """`%%name line`, with the cell below."""

    def magic(self, text: str) -> None:
        """`%name line`, as older exports write it."""
        self.run_line_magic(*text.strip().removeprefix("%").partition(" ")[::2])

    def system(self, _: str) -> None:
        """`!command`."""

    def getoutput(self, *_: object, **__: object) -> list[str]:
        """`lines = !command`."""
        return []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return _nothing


def _nothing(*_: object, **__: object) -> None:
    """`display(figure)`, `get_ipython().set_next_input(...)`."""


def provide(namespace: MutableMapping[str, Any]) -> None:
    """Give the names to a notebook's namespace, and `display` to the modules that it imports, too.

    `get_ipython` is for the notebook alone: libraries that find it among the builtins, as rich does, would draw for a
    browser that is not there.
    """
    if not hasattr(builtins, "display"):
        builtins.display = _nothing  # type: ignore[attr-defined]  # IPython does so
    shell = ZMQInteractiveShell(namespace)
    defaults: dict[str, Any] = {
        "get_ipython": lambda: shell,
        "__IPYTHON__": True,
        "In": [""],
        "Out": {},
        "_": "",
        "__": "",
        "___": "",
        "exit": _nothing,
        "quit": _nothing,
    }
    for name, value in defaults.items():
        namespace.setdefault(name, value)
