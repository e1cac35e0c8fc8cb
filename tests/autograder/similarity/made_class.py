"""A class of `convolution` in which it is known who has whose code, weights and mistakes.

The independent works are the correct variants that the assignment's authors wrote for its tests.
"""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from safetensors.numpy import save

from autograder.course.assignment import Assignment, find_assignment
from autograder.results.grade import Diagnosis, Grade, TaskResult
from autograder.results.store import Store
from tests.autograder.grading_support import ROOT
from tests.autograder.results.support import make_grade
from tests.autograder.similarity.disguises import ALL, Disguise

TASKS = {"F3": "f3", "G4": "g4", "K1": "k1", "E1": "e1", "F4": "f4"}
BUG = "The kernel is flipped in one axis only."


def assignment() -> Assignment:
    return find_assignment(str(ROOT / "assignments" / "convolution"))


def independent() -> dict[str, dict[str, str]]:
    """Student -> task -> code: everybody has another of the variants, as far as there are any."""
    folder = assignment().folder / "wrong"
    variants = {task: sorted(folder.glob(f"{start}_ok_*.py")) for task, start in TASKS.items()}
    return {
        f"alone{number}": {
            task: paths[number].read_text() for task, paths in variants.items() if number < len(paths)
        }
        for number in range(max(map(len, variants.values())))
    }


def copied(of: Mapping[str, str], disguise: Disguise, seed: int = 0) -> dict[str, str]:
    return {task: disguise(source, random.Random(seed)) for task, source in of.items()}


def as_notebook(code: Mapping[str, str]) -> bytes:
    cells = [
        {
            "cell_type": "code", "id": task, "metadata": {"nbgrader": {"grade_id": task, "solution": True}},
            "source": source, "outputs": [], "execution_count": None,
        }
        for task, source in code.items()
    ]  # fmt: skip
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def as_script(code: Mapping[str, str]) -> bytes:
    return "\n\n\n".join(code.values()).encode()


def as_zip(code: Mapping[str, str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("homework/convolution.ipynb", as_notebook(code))
    return packed.getvalue()


def weights(seed: int, prefix: str = "") -> bytes:
    rng = np.random.default_rng(seed)
    return save({f"{prefix}{name}": rng.normal(size=(4, 4)).astype(np.float32) for name in ("w", "b")})


def write_class(folder: Path) -> Path:
    """Submissions and results below `folder`; the folder of results.

    Each disguise has a copy of alone0 (`copy_renamed` and so on); twin1 and twin2 have the same weights by other
    names; alone1 and alone2 share a mistake that nobody else has; broken cannot be read.
    """
    submissions = folder / "submissions"
    works = independent()
    original = works["alone0"]
    works |= {f"copy_{disguise.__name__}": copied(original, disguise) for disguise in ALL}
    forms = ((as_notebook, "{}.ipynb"), (as_script, "{}.py"), (as_zip, "{}.zip"))
    submissions.mkdir(parents=True)
    for place, (student, code) in enumerate(works.items()):
        form, name = forms[place % len(forms)]
        (submissions / name.format(student)).write_bytes(form(code))
    for number, student in enumerate(("twin1", "twin2"), start=1):
        (submissions / student).mkdir()
        (submissions / student / "solution.py").write_text("x = 1\n")
        (submissions / student / "model.safetensors").write_bytes(weights(1, "net." * number))
    (submissions / "broken.zip").write_bytes(b"PK no zip")
    store, chosen = Store(folder / "out"), assignment()
    store.save_manifest(chosen.manifest)
    store.save_places(chosen.folder, submissions)
    for student in works:
        store.save(graded(student, ("flip", BUG) if student in ("alone1", "alone2") else None))
    return folder / "out"


def graded(student: str, bug: tuple[str, str] | None = None, task: str = "F3") -> Grade:
    """A grade in which a task was handed in, with this misconception."""
    found = (Diagnosis(bug=bug[0], message=bug[1]),) if bug else ()
    result = TaskResult(id=task, title="t", score=0, max_score=1, source="cell 1", tests=(), diagnosis=found)
    return make_grade(student).model_copy(
        update={"assignment": "convolution", "tasks": (result,), "score": 0}
    )
