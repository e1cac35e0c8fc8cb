"""Code read from files that a test makes."""

from __future__ import annotations

from collections.abc import Mapping

from autograder.intake.sources.code import Code, read_code

TASKS = ("F1", "G1", "K2")


def read(files: Mapping[str, bytes | str], path: str | None = None) -> Code:
    """The code of one of the files, by default of the first."""
    made = {name: data.encode() if isinstance(data, str) else data for name, data in files.items()}
    return read_code(path or next(iter(made)), made, TASKS)


def said(code: Code) -> list[str]:
    """What the student is told in English, about broken code first."""
    return [part.text.en for part in code.broken] + [note.en for note in code.notes]


def run(code: Code) -> dict[str, object]:
    """The namespace after all chunks have run in order; lines keep their numbers."""
    space: dict[str, object] = {"get_ipython": Shell}
    for chunk in code.chunks:
        exec(compile("\n" * (chunk.first_line - 1) + chunk.source, chunk.filename, "exec"), space)
    return space


class Shell:
    """A `get_ipython()` that does nothing."""

    def __getattr__(self, name: str) -> object:
        return lambda *_: None
