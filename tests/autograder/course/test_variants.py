"""The list of planted bugs is refused with one sentence when it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course.variants import Variant, load_variants, spellings
from autograder.errors import UsageError


def test_an_unknown_key_is_named(tmp_path: Path) -> None:
    (tmp_path / "wrong").mkdir()
    (tmp_path / "wrong" / "variants.toml").write_text("variants = []\nextra = 1\n")
    with pytest.raises(UsageError, match="unknown key 'extra'; remove it or correct its spelling"):
        load_variants(tmp_path)


BUG = '[[variants]]\nid = "{id}"\ntask = "{task}"\nkind = "{kind}"\nwhat.ru = "а"\nwhat.en = "a"\n{more}\n'


def load(tmp_path: Path, *variants: str) -> tuple[Variant, ...]:
    (tmp_path / "wrong").mkdir()
    (tmp_path / "wrong" / "variants.toml").write_text("".join(variants), encoding="utf-8")
    return load_variants(tmp_path)


def variant(id: str, more: str = "", task: str = "A1", kind: str = "bug") -> str:
    return BUG.format(id=id, more=more, task=task, kind=kind)


def test_a_bug_may_have_prices(tmp_path: Path) -> None:
    lesson, cheat = load(tmp_path, variant("one", "lesson = true"), variant("two", "at_most = 1.5"))
    assert (lesson.lesson, lesson.at_most) == (True, None)
    assert (cheat.lesson, cheat.at_most) == (False, 1.5)


def test_a_task_has_one_lesson(tmp_path: Path) -> None:
    other = variant("three", "lesson = true", task="B1")
    assert len(load(tmp_path, variant("one", "lesson = true"), variant("two"), other)) == 3
    (tmp_path / "again").mkdir()
    with pytest.raises(UsageError, match="the lesson of task 'A1' appears more than once"):
        load(tmp_path / "again", variant("one", "lesson = true"), variant("two", "lesson = true"))


@pytest.mark.parametrize("more", ["lesson = true", "at_most = 0"])
def test_a_correct_variant_has_no_price(tmp_path: Path, more: str) -> None:
    with pytest.raises(UsageError, match="one is a correct variant"):
        load(tmp_path, variant("one", more, kind="correct"))


def test_a_bug_has_a_file_for_each_spelling(tmp_path: Path) -> None:
    one, more = load(tmp_path, variant("one"), variant("one_more"))
    for name in ("one", "one__loop", "one__by_hand", "one_more", "one_less", "other__one"):
        (tmp_path / "wrong" / f"{name}.py").touch()
    assert [path.name for path in spellings(tmp_path, one)] == ["one.py", "one__by_hand.py", "one__loop.py"]
    assert [path.name for path in spellings(tmp_path, more)] == ["one_more.py"]
    (tmp_path / "wrong" / "one.py").unlink()
    assert [path.name for path in spellings(tmp_path, one)] == ["one__by_hand.py", "one__loop.py"]
