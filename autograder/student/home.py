"""Where the student's bundle is, and whether the imported `hw_cnn` belongs to it."""

from __future__ import annotations

import importlib
from pathlib import Path

from autograder.course.public import PUBLIC_NAME, PublicManifest, load_public
from autograder.errors import UsageError
from autograder.student import words

INSTALLED = Path(__file__).parent / "bundle"


def find_home(start: Path) -> Path:
    """The folder with `assignment.json`: `start`, a folder above it, the one `hw_cnn` stands in, or the installed copy.

    Raises: UsageError in both languages, since the bundle would have named its own.
    """
    start = start.resolve()
    library = Path(importlib.import_module("hw_cnn").__file__ or ".").resolve().parent.parent
    for folder in (start, *start.parents, library, INSTALLED):
        if (folder / PUBLIC_NAME).is_file():
            return folder
    text = words.NO_BUNDLE
    raise UsageError(f"{text.ru.format(where=start)} / {text.en.format(where=start)}")


def work_folder(asked: Path) -> Path:
    """The folder whose work is meant: the one that was asked for; below a homework, without a question, the homework.

    Raises: UsageError in both languages when the folder only holds those of homeworks.
    """
    start = asked.resolve()
    home = next((folder for folder in (start, *start.parents) if (folder / PUBLIC_NAME).is_file()), None)
    if home is not None:
        return home if asked == Path() and home != start else asked
    below = sorted(path.parent.name for path in start.glob(f"*/{PUBLIC_NAME}"))
    if below:
        names = {"where": start, "names": ", ".join(below), "first": below[0]}
        text = words.HOMEWORKS_BELOW
        raise UsageError(f"{text.ru.format(**names)} / {text.en.format(**names)}")
    return asked


def open_home(start: Path) -> tuple[Path, PublicManifest]:
    """The folder and its manifest, once `hw_cnn` is known to be the bundle's. Raises: UsageError."""
    home = find_home(start)
    public = load_public(home)
    library = importlib.import_module("hw_cnn")
    if public.edition != library.EDITION:
        text = words.NOT_THE_BUNDLES.get(public.lang)
        found = {"path": library.__file__, "found": library.EDITION}
        raise UsageError(text.format(**found, wanted=public.edition, home=home))
    return home, public
