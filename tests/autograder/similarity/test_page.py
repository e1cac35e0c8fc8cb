"""The page says that it decides nothing, and whatever students wrote is text on it."""

from __future__ import annotations

import random

import pytest

from autograder.grading.again.code import Piece
from autograder.similarity.agreement import Found, TaskCode, together
from autograder.similarity.bugs import RareBug
from autograder.similarity.page import MOST_LINES, render
from autograder.similarity.pairs import alike
from autograder.similarity.prints import Work
from autograder.similarity.words import SAY
from autograder.text import LANGS, Lang
from tests.autograder.results.report.pages import BREAKOUTS, Reader
from tests.autograder.similarity.disguises import talkative
from tests.autograder.similarity.invented import invented
from tests.autograder.similarity.made_class import assignment

MANIFEST = assignment().manifest
SOURCE = invented("conv", random.Random(1))


def work(student: str, source: str = SOURCE, place: str = "cell 1") -> Work:
    return Work.of(student, [Piece(place, 7, source)])


def found(*works: Work, **changes: object) -> Found:
    task = MANIFEST.task("F3")
    values = {"weights": (), "bugs": (), "left_out": {}, **changes}
    return Found(len(works), (TaskCode(task, alike(works, frozenset(), {})),), **values)  # type: ignore[arg-type]


def read(one: Found, lang: Lang = "en") -> Reader:
    reader = Reader()
    reader.feed(render(MANIFEST, one, together(one, {}), lang, lines=15))
    reader.close()
    assert reader.open == []
    return reader


@pytest.mark.parametrize("lang", LANGS)
def test_it_says_what_it_is_in_both_languages(lang: Lang) -> None:
    said = read(found(work("anna"), work("boris", talkative(SOURCE, random.Random(1)))), lang).said
    for word in ("nothing_decided", "meaning", "unseen", "shares", "staff"):
        assert SAY[word].get(lang) in said
    assert ("anna, boris" in said, " %" in said.replace("\N{NO-BREAK SPACE}", " ")) == (True, True)


def test_a_pair_stands_side_by_side_with_what_else_agrees() -> None:
    bug = RareBug("F3", "The kernel is flipped.", ("anna", "boris"), 40)
    both = (work("anna"), work("boris", talkative(SOURCE, random.Random(1))))
    said = read(found(*both, weights=(("anna", "boris"),), bugs=(bug,))).said
    assert "the same F3 (2 of 40) The kernel is flipped." in said
    assert said.count("def conv(x, w):") == 2
    marked = [tag for tag, _ in read(found(*both)).tags if tag == "mark"]
    assert len(marked) > 2 * SOURCE.count("\n") * 0.6


def test_several_with_the_very_same_are_one_row_and_one_entry() -> None:
    names = [f"s{number}" for number in range(9)]
    page = read(found(*map(work, names)))
    assert page.said.count("def conv(x, w):") == 2
    assert f"The very same have {', '.join(names[2:])}." in page.said
    assert [tag for tag, _ in page.tags].count("tr") == 2


def test_two_rare_mistakes_make_a_row_and_one_does_not() -> None:
    bugs = [RareBug("F3", f"Mistake {number}.", ("anna", "boris"), 40) for number in range(2)]
    assert "Mistake 1." in read(found(bugs=(bugs[1],))).said
    assert together(found(bugs=(bugs[1],)), {}) == []
    assert [one.students for one in together(found(bugs=tuple(bugs)), {})] == [("anna", "boris")]
    assert together(found(bugs=tuple(bugs)), dict.fromkeys(("anna", "boris"), "team")) == []


@pytest.mark.parametrize("hostile", BREAKOUTS)
def test_nothing_that_a_student_wrote_becomes_a_part_of_the_page(hostile: str) -> None:
    clean = {tag for tag, _ in read(found(work("anna"), work("boris"), left_out={"x": "y"})).tags}
    source = f"{SOURCE}\n# {hostile}\ntext = {hostile!r}\n".replace("\x00", "")
    bug = RareBug("F3", hostile, (hostile, "b"), 40)
    page = read(
        found(
            work(hostile, source, hostile), work(f"{hostile}2", source, hostile),
            weights=((hostile, "b"),), bugs=(bug,), left_out={hostile: hostile},
        )
    )  # fmt: skip
    assert {tag for tag, _ in page.tags} <= {*clean, "div", "code"}
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    assert "\x1b" not in page.text


def test_long_code_is_cut_and_what_is_left_out_is_counted() -> None:
    source = "\n".join([SOURCE, *(f"v{number} = {number}" for number in range(MOST_LINES))])
    said = read(found(work("anna", source), work("boris", source))).said
    assert said.count(f"More lines: {source.count(chr(10)) + 1 - MOST_LINES}.") == 2


def test_nobody_is_said_to_be_nobody() -> None:
    assert read(found()).said.count("Nobody.") == 4
