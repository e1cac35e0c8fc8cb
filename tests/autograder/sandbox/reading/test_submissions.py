"""Whatever a submission holds comes back; a reader that the student has taken over can name nothing but the known."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.course.public import public_part
from autograder.course.symbol import Symbol
from autograder.intake.load_plan import Statement, World
from autograder.intake.students import Upload
from autograder.intake.submission import Submission, SymbolSource
from autograder.intake.task_like import Answer, NamedCall
from autograder.intake.uploads.rejection import refuse
from autograder.sandbox.host.reader import HERE
from autograder.sandbox.reading import parcels, submissions
from autograder.text import Text
from autograder.wire.errors import ProtocolError
from autograder.wire.safe_text import MAX_TEXT
from tests.autograder.intake.support import take
from tests.autograder.intake_support import EDITION, cell, manifest_with_words, notebook

UPLOAD = Upload("anna", Path("class/anna"))
PUBLIC = public_part(manifest_with_words(), "en", "small", EDITION, HERE)
KNOWN = [(task.id, symbol.top) for task in PUBLIC.tasks for symbol in task.symbols]

CALL = "torch.nn.functional.conv2d"

words = st.text(st.characters(categories=["L", "N", "Zs"]), min_size=1, max_size=9)
sentences = st.builds(Text, ru=words, en=words)
names = st.sampled_from(["utils.py", "src/pairs.py", "data/config.json", "имя.py"])
st.register_type_strategy(Text, sentences)


def sources_of(task: str, symbol: Symbol) -> st.SearchStrategy[SymbolSource]:
    kinds = st.sampled_from(["cell", "notebook", "solution.py", "package", "missing"])
    return st.builds(SymbolSource, st.just(task), st.just(symbol), kinds, words, sentences, problem=...)


def worlds_of(tasks: list[str]) -> st.SearchStrategy[tuple[World, ...]]:
    """One for most tasks, and one for another."""
    statements = st.from_type(tuple[Statement, ...])
    rest = st.builds(World, st.just(tuple(tasks[1:])), statements)
    return st.tuples(rest, st.builds(World, st.just((tasks[0],)), statements)) | st.tuples(rest)


def field_strategies() -> dict[str, Any]:
    """Every field is made from its type, so that one that is added is tried, too; some may not hold just anything."""
    fields: dict[str, Any] = {field.name: ... for field in dataclasses.fields(Submission)}
    hints = get_type_hints(Submission)
    fields |= {
        name: st.dictionaries(names, st.from_type(get_args(kind)[1]), max_size=3)
        for name, kind in hints.items()
        if get_origin(kind) is Mapping
    }
    return fields | {
        "student": st.just(UPLOAD.student),
        "path": st.just(UPLOAD.path),
        "sources": st.tuples(*(sources_of(task, symbol) for task, symbol in KNOWN)),
        "worlds": st.permutations(sorted({task for task, _ in KNOWN})).flatmap(worlds_of),
        "package": st.dictionaries(st.sampled_from(sorted(EDITION)), st.binary(max_size=9)),
        # The small assignment forbids one call.
        "named": st.lists(st.builds(NamedCall, st.just("F1"), st.just(CALL), sentences), max_size=2).map(tuple),
        "answers": st.lists(
            st.builds(Answer, st.just("W"), st.sampled_from(["filter", "input"]), words), unique_by=lambda one: one.row
        ).map(tuple),
        "placeless": st.lists(st.sampled_from(["F1", "W"]), unique=True).map(tuple),
        "submitted_at": st.none() | st.datetimes(datetime(1970, 1, 1), timezones=st.just(UTC)).filter(
            lambda moment: moment.year in submissions.YEARS
        ),
    }  # fmt: skip


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.builds(Submission, **field_strategies()))
def test_a_submission_comes_back(submission: Submission) -> None:
    assert submissions.decode(submissions.encode(submission), UPLOAD, PUBLIC, EDITION) == submission


def whole() -> Submission:
    found = take(
        nb=notebook(cell("def conv(x): return 1", "F1")), one=EDITION["hw_cnn/one.py"] + b"\nx = 1\n"
    )
    assert found is not None
    return dataclasses.replace(found, checkpoint=b"\x00weights", checkpoint_name="model.ckpt")


def test_whose_it_is_the_judge_knows() -> None:
    read = submissions.decode(submissions.encode(whole()), UPLOAD, PUBLIC, EDITION)
    assert (read.student, read.path) == ("anna", UPLOAD.path)
    assert read == dataclasses.replace(whole(), student="anna", path=UPLOAD.path)


def changed(**fields: object) -> dict[str, Any]:
    """The parcel of a submission in which some fields are something else."""
    tree = parcels.unpack(submissions.encode(whole()))
    return parcels.pack(tree | fields)


SOURCE = {"task": "F1", "symbol": {"module": "hw_cnn.one", "name": "conv"}, "kind": "cell", "where": "",
          "place": {"ru": "а", "en": "a"}}  # fmt: skip

ANSWER = {"task": "W", "row": "filter", "text": "An edge."}
NAMED = {"task": "F1", "name": CALL, "place": {"ru": "а", "en": "a"}, "line": 1}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"digest": 3}, "wrongly"),
        ({"more": 3}, "wrongly"),
        ({"sources": 3}, "wrongly"),
        ({"notes": [{"ru": "", "en": "a"}]}, "wrongly"),
        ({"notes": [{"ru": "\x1b[2J", "en": "a"}]}, "wrongly"),
        ({"submitted_at": "tomorrow"}, "wrongly"),
        ({"submitted_at": "0001-01-01T00:00:00+00:00"}, "no year"),
        ({"sources": []}, "other tasks"),
        ({"sources": [SOURCE | {"kind": "else"}]}, "wrongly"),
        ({"sources": [SOURCE | {"task": "Z9"}]}, "other tasks"),
        ({"sources": [SOURCE | {"symbol": {"module": "os", "name": "system"}}]}, "other tasks"),
        ({"sources": [SOURCE] * 3}, "other tasks"),
        ({"worlds": []}, "not told apart"),
        ({"worlds": [{"tasks": ["F1"], "statements": []}] * 2}, "not told apart"),
        ({"worlds": [{"tasks": ["Z9"], "statements": []}]}, "not told apart"),
        ({"own": {"src/../../up.py": b""}}, "name that is not allowed"),
        ({"named": [NAMED | {"task": "G1"}]}, "nobody forbids"),
        ({"named": [NAMED | {"name": "numpy.convolve"}]}, "nobody forbids"),
        ({"named": [NAMED | {"line": "first"}]}, "wrongly"),
        ({"placeless": ["F1", "Z9"]}, "lacks tasks"),
        ({"placeless": [3]}, "wrongly"),
        ({"answers": [ANSWER | {"row": "other"}]}, "other answers"),
        ({"answers": [ANSWER | {"task": "F1"}]}, "other answers"),
        ({"answers": [ANSWER, ANSWER | {"text": "Another."}]}, "other answers"),
        ({"answers": [ANSWER | {"text": 3}]}, "wrongly"),
        ({"answers": [ANSWER | {"points": 4}]}, "wrongly"),
        ({"package": {"hw_cnn/new.py": b""}}, "edition does not have"),
        ({"package": {"../up.py": b""}}, "name that is not allowed"),
        ({"package": {"/etc/passwd": b""}}, "name that is not allowed"),
        ({"package": {"a//b": b""}}, "name that is not allowed"),
        ({"package": {"": b""}}, "name that is not allowed"),
    ],
)
def test_what_is_no_submission_is_refused(fields: dict[str, object], said: str) -> None:
    with pytest.raises(ProtocolError, match=said):
        submissions.decode(changed(**fields), UPLOAD, PUBLIC, EDITION)


@pytest.mark.parametrize("tree", [[], 3, {}, {"sources": []}, {"ru": "а", "en": "a"}])
def test_another_value_is_no_submission(tree: object) -> None:
    with pytest.raises(ProtocolError):
        submissions.decode(parcels.pack(tree), UPLOAD, PUBLIC, EDITION)


def test_sentences_are_made_safe_to_show() -> None:
    arrays = changed(notes=[{"ru": "а\x1b]0;title\x07б", "en": "a\u202eb"}])
    assert submissions.decode(arrays, UPLOAD, PUBLIC, EDITION).notes == (Text(ru="аб", en="ab"),)


def test_answers_are_made_safe_to_show_and_short() -> None:
    arrays = changed(answers=[ANSWER | {"text": "a\x1b[2J\u202eb\n<b>" + "c" * 2 * MAX_TEXT}])
    (answer,) = submissions.decode(arrays, UPLOAD, PUBLIC, EDITION).answers
    assert answer.text.startswith("ab\n<b>ccc")
    assert len(answer.text) == MAX_TEXT


def test_a_rejection_comes_back() -> None:
    arrays = submissions.encode_rejection(refuse("слишком много", "too much"))
    assert submissions.decode_rejection(arrays).text == Text(ru="слишком много", en="too much")


@pytest.mark.parametrize("tree", [[], {"ru": "а"}, {"ru": "а", "en": 1}, {"ru": "а", "en": "a", "c": 1}])
def test_what_is_no_rejection_is_refused(tree: object) -> None:
    with pytest.raises(ProtocolError, match="wrongly"):
        submissions.decode_rejection(parcels.pack(tree))
