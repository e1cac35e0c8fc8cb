"""The layouts by name, and which one this is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from autograder.collect.canvas import is_canvas, read_canvas
from autograder.collect.moodle import is_moodle, read_moodle
from autograder.collect.nbgrader import is_nbgrader, read_nbgrader
from autograder.collect.piece import Reading
from autograder.collect.plain import read_plain


class Layout(StrEnum):
    """How a platform lays out the work of a class."""

    auto = "auto"
    folders = "folders"
    moodle = "moodle"
    canvas = "canvas"
    nbgrader = "nbgrader"
    zip = "zip"


READINGS: Mapping[Layout, Reading] = {
    Layout.folders: read_plain,
    Layout.zip: read_plain,
    Layout.moodle: read_moodle,
    Layout.canvas: read_canvas,
    Layout.nbgrader: read_nbgrader,
}


def recognise(paths: Sequence[str], *, is_zip: bool) -> Layout:
    """The layout that these paths have; folders, or a zip of them, where no platform has named them."""
    if is_moodle(paths):
        return Layout.moodle
    if is_nbgrader(paths):
        return Layout.nbgrader
    if is_canvas(paths):
        return Layout.canvas
    return Layout.zip if is_zip else Layout.folders
