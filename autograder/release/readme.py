"""The README of a student bundle."""

from __future__ import annotations

from pathlib import Path

from autograder.course.manifest import Manifest
from autograder.course.public import Grader
from autograder.text import Lang, minutes, points, unbroken

# Of the many packages of a grader those that students use; the rest is what these need.
SHOWN = ("torch", "torchvision", "lightning", "torchmetrics", "numpy", "matplotlib", "PIL", "yaml")

TEXTS = Path(__file__).parent / "texts"


def readme(manifest: Manifest, lang: Lang, grader: Grader, folder: str = "") -> bytes:
    """README.md of the bundle.

    Args:
        grader: what grades it, unless the manifest says another Python.
        folder: that students work in; named like the assignment if not given.
    """
    time = sum(task.minutes for task in manifest.tasks if not task.bonus)
    hours = f"около {_hours(time)} ч" if lang == "ru" else f"about {_hours(time)} h"
    text = _text("readme", lang).format(
        title=manifest.title.get(lang),
        total=points(manifest.max_score, lang),
        time=hours if time >= 120 else minutes(time, lang),
        name=manifest.name,
        folder=folder or manifest.name,
        first=manifest.tasks[0].id,
        python=manifest.python or grader.python,
        packages=", ".join(f"`{name}`" for name in SHOWN if name in grader.packages),
        hints=_of_hints(manifest, lang),
    )
    return unbroken(text).encode()


def _of_hints(manifest: Manifest, lang: Lang) -> str:
    """The section on hints, where some task has them."""
    first = next((task.id for task in manifest.tasks if task.hints is not None), None)
    return "" if first is None else _text("hints", lang).format(first=first)


def _text(name: str, lang: Lang) -> str:
    return (TEXTS / f"{name}.{lang}.md").read_text(encoding="utf-8")


def _hours(time: int) -> str:
    return str(round(time / 60))
