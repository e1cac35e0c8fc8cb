"""Why a worker gave no answer, in the reader's language."""

from __future__ import annotations

import re
import string
from typing import get_args

import pytest

from autograder.wire.reasons import SENTENCES, Reason, ReasonName, end_of_process

CYRILLIC, LATIN_WORD = (
    re.compile("[а-яё]"),
    re.compile(r"\b(the|of|was|used|within|ended|process|time|more|than)\b"),
)


def gaps(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_each_name_has_its_sentences() -> None:
    assert set(SENTENCES) == set(get_args(ReasonName))


@pytest.mark.parametrize("name", SENTENCES)
def test_both_sentences_take_the_same_values_and_are_in_their_language(name: ReasonName) -> None:
    russian, english = SENTENCES[name]
    assert gaps(russian) == gaps(english)
    assert CYRILLIC.search(russian)
    assert not LATIN_WORD.search(russian)
    assert not CYRILLIC.search(english)


@pytest.mark.parametrize(
    ("code", "name", "part"),
    [
        (0, "exit call", "status 0 (os._exit or sys.exit)"),
        (1, "exit call", "status 1 (os._exit or sys.exit)"),
        (2, "exit", "status 2 (os._exit)"),
        (98, "exit", "status 98 (os._exit)"),
        (-6, "signal", "signal 6 (SIGABRT)"),
        (-9, "out of memory", "signal 9 (SIGKILL); most likely the system ran out of memory"),
        (-24, "processor time of process", "signal 24 (SIGXCPU); its processor time was used up"),
        (-25, "file size", "signal 25 (SIGXFSZ); it wrote a file that is too large"),
        (-200, "signal", "signal 200 (unknown)"),
    ],
)
def test_every_way_to_end(code: int, name: ReasonName, part: str) -> None:
    reason = end_of_process(code)
    assert reason.name == name
    assert reason.said("en").endswith(part)
    assert str(abs(code)) in reason.said("ru")


def test_while_loading() -> None:
    reason = Reason("no answer", {"seconds": 0.5}, loading=True)
    assert reason.said("en") == "loading the code: no answer within 0.5 s"
    assert reason.said("ru") == "при загрузке кода: нет ответа за 0.5 с"


pytest_plugins = ["tests.autograder.sandbox_support"]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (0, "ended itself with status 0"),
        (7, "ended itself with status 7"),
        (-11, r"signal 11 \(SIGSEGV\)"),
        (-9, "ran out of memory"),
        (-24, "processor time was used up"),
        (-50, "signal 50"),
    ],
)
def test_ends_have_words(code: int, words: str) -> None:
    assert re.search(words, end_of_process(code).said("en"))


LIMITS = (2.0, 20.0)


@pytest.mark.parametrize(
    ("reason", "english"),
    [
        (Reason("no answer", {"seconds": 2.0}), "no answer within 2 s"),
        (Reason("no answer", {"seconds": 1.7320508}), "no answer in time"),
        (Reason("processor time", {"seconds": 20.0}), "more than 20 s of processor time used"),
        (Reason("processor time", {"seconds": 20.01}), "no answer in time"),
        (end_of_process(0), "the process ended itself (os._exit or sys.exit)"),
        (end_of_process(173), "the process ended itself (os._exit or sys.exit)"),
        (end_of_process(-11), "the process was killed by signal 11 (SIGSEGV)"),
        (end_of_process(-41), "the process was killed by a signal"),
        (end_of_process(-10), "the process was killed by a signal"),
        (Reason("unreadable", {"problem": "the header claims 31415926 bytes"}), "the answer cannot be read"),
        (Reason("memory", {"megabytes": 2048}), "memory limit of 2048 MB exceeded"),
        (Reason("holder ended"), "the process that held an object of this test has ended"),
    ],
)
def test_what_a_worker_can_choose_is_left_out(reason: Reason, english: str) -> None:
    """A status, a signal or a time could say what had been sent to it."""
    assert reason.without_claims(LIMITS).said("en") == english
    assert reason.without_claims(LIMITS).said("ru")


def test_leaving_out_keeps_where_it_happened() -> None:
    assert Reason("exit", {"code": 7}, loading=True).without_claims(LIMITS).loading
