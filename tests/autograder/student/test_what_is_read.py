"""`check` and `submit` read a folder as the grader reads what was handed in from it."""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from pathlib import Path

import pytest

from tests.autograder.student.support import ROOT, run, write

HELPED = "from mine.pairs import ONE\nimport json\nSCALE = json.load(open('config.json'))['scale']\n"


def in_archive(bundle: Path) -> set[str]:
    with zipfile.ZipFile(bundle / "seminar_cnn.zip") as archive:
        return set(archive.namelist())


def test_a_filled_copy_counts_and_not_the_original(bundle: Path, sources: dict[str, str]) -> None:
    original, copy = bundle / "seminar_cnn.ipynb", bundle / "seminar_cnn-Copy1.ipynb"
    empty = original.read_bytes()
    write(bundle, {"J1": sources["J1"]})
    shutil.move(original, copy)
    original.write_bytes(empty)
    os.utime(copy, (1.7e9, 1.7e9))
    assert "J1: all public tests pass" in run(bundle, "check", "J1").stdout
    done = run(bundle, "submit")
    assert done.returncode == 0, done.stderr
    assert "Notebook: seminar_cnn-Copy1.ipynb" in done.stdout
    assert "J1  topk_error: cell J1 (code cell 42); public tests: 5 of 5" in done.stdout
    assert "! the notebook seminar_cnn.ipynb was saved later than seminar_cnn-Copy1.ipynb" in done.stdout
    assert in_archive(bundle) == {"seminar_cnn-Copy1.ipynb"}


def test_own_modules_and_data_are_there_and_are_packed(bundle: Path, sources: dict[str, str]) -> None:
    (bundle / "mine").mkdir()
    (bundle / "mine" / "pairs.py").write_text("ONE = 1\n")
    (bundle / "config.json").write_text('{"scale": 1}')
    (bundle / "other.ipynb").write_text(
        json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []})
    )
    work = sources["J1"].replace("    return {", "    assert ONE == SCALE\n    return {")
    write(bundle, {"J1": HELPED + work})
    before = {path for path in bundle.rglob("*") if "__pycache__" not in path.parts}
    assert "J1: all public tests pass" in run(bundle, "check", "J1").stdout
    assert {path for path in bundle.rglob("*") if "__pycache__" not in path.parts} == before
    done = run(bundle, "submit")
    assert done.returncode == 0, done.stderr
    assert "public tests: 5 of 5" in done.stdout
    assert in_archive(bundle) == {"config.json", "mine/pairs.py", "seminar_cnn.ipynb"}


def test_each_load_imports_own_modules_anew(bundle: Path, sources: dict[str, str]) -> None:
    """F1 and J1 need the same name in different states: the work is loaded twice."""
    (bundle / "mine.py").write_text("SEEN = []\n")
    write(bundle, {
        "F1": f"import mine\nK = 1\nmine.SEEN.append(K)\n{sources['F1']}".replace(
            "padded = F.pad", "assert (K, mine.SEEN) == (1, [1])\n    padded = F.pad"
        ),
        "J1": f"import mine\nK = 2\nmine.SEEN.append(K)\n{sources['J1']}".replace(
            "    return {", "    assert (K, mine.SEEN) == (2, [1, 2])\n    return {"
        ),
    })  # fmt: skip
    done = run(bundle, "check", "F1", "J1")
    assert "J1: all public tests pass" in done.stdout
    assert "F1: all public tests pass" in done.stdout


def test_a_notebook_that_is_run_by_name_is_packed(bundle: Path, sources: dict[str, str]) -> None:
    cell = {
        "id": "a",
        "cell_type": "code",
        "source": "ONE = 1",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
    }
    other = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}
    (bundle / "other.ipynb").write_text(json.dumps(other))
    work = sources["J1"].replace("    return {", "    assert ONE\n    return {")
    write(bundle, {"J1": f"%run other.ipynb\n{work}"})
    done = run(bundle, "submit")
    assert done.returncode == 0, done.stderr
    assert "public tests: 5 of 5" in done.stdout
    assert in_archive(bundle) == {"other.ipynb", "seminar_cnn.ipynb"}


@pytest.mark.parametrize("name", ["hw_cnn/mine.py", "hw_cnn/language.py"])
@pytest.mark.parametrize("place", ["notebook", "package"])
def test_files_of_the_library_that_are_not_read_are_named(
    bundle: Path, sources: dict[str, str], name: str, place: str
) -> None:
    with (bundle / name).open("a") as file:
        file.write("\nONE = 1\n")
    module = name.removesuffix(".py").replace("/", ".")
    if place == "notebook":
        write(bundle, {"J1": sources["J1"].replace("    return {", f"    import {module}\n    return {{")})
    else:
        text = (ROOT / "hw_cnn" / "metrics.py").read_text()
        head, line, rest = text.partition("from torch import Tensor\n")
        (bundle / "hw_cnn" / "metrics.py").write_text(f"{head}{line}import {module}\n{rest}")
    done = run(bundle, "submit", "--anyway")
    assert done.returncode == 0, done.stderr
    assert f"! {name}: changed or added by you, but not read when graded" in done.stdout
    assert ("public tests: 0 of 5" in done.stdout) is (name == "hw_cnn/mine.py")
    assert name not in in_archive(bundle)
