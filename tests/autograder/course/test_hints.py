"""Graduated hints of a manifest: three steps in both languages, and no code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from autograder.course.hints import Hints, code_in
from autograder.course.manifest import Manifest, load_manifest
from autograder.course.public import Grader, public_part
from autograder.text import Lang
from tests.autograder.manifests import plain

ASSIGNMENTS = Path(__file__).parents[3] / "assignments"
THREE = ["look at the formula", "take the row 1 2 3", "loop over `kernel` cells"]
SYMBOLS = (
    "hw_cnn/layers/convolution.py",
    "hw_cnn/training.py",
)


def of(ru: object, en: object) -> Manifest:
    data = plain()
    data["tasks"][0]["hints"] = {"ru": ru, "en": en}
    return Manifest.model_validate(data)


def test_three_steps_are_kept_in_order() -> None:
    hints = of(THREE[::-1], THREE).tasks[0].hints
    assert hints is not None
    assert hints.get("en") == tuple(THREE)
    assert hints.get("ru") == tuple(THREE[::-1])


@pytest.mark.parametrize(
    ("ru", "en", "said"),
    [
        (THREE[:2], THREE, "hints.ru"),
        (THREE, [*THREE, "a fourth"], "hints.en"),
        (THREE, [*THREE[:2], " "], "hints.en.2"),
        (THREE, [*THREE[:2], "write `out = x * w`"], "this one holds code: 'out = x * w'"),
        ([*THREE[:2], "```out```"], THREE, "this one holds code"),
        (THREE, [*THREE[:2], "first\n    x += 1"], "this one holds code"),
    ],
)
def test_what_is_no_hint_is_refused(ru: list[str], en: list[str], said: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(said)):
        of(ru, en)


@pytest.mark.parametrize("step", ["take nn.Conv2d(1, 1, 1)", "torch.nn.Conv2d(1, 1, 1) does it"])
def test_a_hint_does_not_advise_what_the_task_forbids(step: str) -> None:
    data = plain()
    data["tasks"][0] |= {"forbidden": ["torch.nn.Conv2d"], "hints": {"ru": THREE, "en": [*THREE[:2], step]}}
    with pytest.raises(ValidationError, match=r"a hint calls nn\.Conv2d, which the task forbids"):
        Manifest.model_validate(data)


@pytest.mark.parametrize(
    ("step", "found"),
    [
        ("take `x.shape`, `padding` and `a == b`", None),
        ("`x = 1`", "x = 1"),
        ("`x += 1`", "x += 1"),
        ("`return x`", "return x"),
        ("k = 1 and k = 5 in words", None),
    ],
)
def test_code_is_a_statement_between_backticks(step: str, found: str | None) -> None:
    assert code_in(step) == found


@pytest.mark.parametrize("lang", ["ru", "en"])
def test_a_bundle_holds_the_hints_of_its_language(lang: Lang) -> None:
    grader = Grader(python="3.12", packages=("torch",))
    public = public_part(
        of(["раз", "два", "три"], THREE), lang, "small-1", dict.fromkeys(SYMBOLS, b""), grader
    )
    assert public.tasks[0].hints == (("раз", "два", "три") if lang == "ru" else tuple(THREE))
    assert public.tasks[1].hints == ()


@pytest.mark.parametrize("name", ["seminar_cnn", "convolution", "architectures", "inside_and_transfer"])
def test_every_task_of_ours_has_hints_that_grow(name: str) -> None:
    for task in load_manifest(ASSIGNMENTS / name).tasks:
        assert isinstance(task.hints, Hints), task.id
        for lang in ("ru", "en"):
            steps = task.hints.get("ru" if lang == "ru" else "en")
            assert len(set(steps)) == 3
            # Short enough to read at once.
            assert all(100 < len(step) < 900 for step in steps), (task.id, [len(step) for step in steps])
