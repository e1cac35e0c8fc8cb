"""Everything the sandbox says about the end of a worker is said in Russian to a Russian course."""

from __future__ import annotations

import ast
import re

import pytest

from autograder.phrases import in_language, protection_in_language
from autograder.sandbox.host import bare, tiers, zygote_client
from autograder.sandbox.host.connection import describe_exit
from autograder.sandbox.host.watch import exceeded
from tests.autograder.grading_support import ROOT

CYRILLIC = re.compile("[а-яё]")
ENGLISH_WORD = re.compile(r"\b(the|of|was|used|within|ended|process|time|more|than)\b")
RAISED = {"WorkerTimeout", "WorkerCrashed", "StudentTimeout", "StudentCrashed"}
FILES = (
    "remote/session.py",
    "remote/loading.py",
    "wire/frames.py",
    "sandbox/host/watch.py",
    "sandbox/host/connection.py",
)
# The grader's own failure (a SandboxError in the end), never shown to a student.
NOT_SHOWN = {"the zygote does not answer"}


def sentences() -> list[str]:
    """The literal texts of these exceptions in the code, with a number in each gap."""
    found = []
    for name in FILES:
        for node in ast.walk(ast.parse((ROOT / "autograder" / name).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in RAISED and node.args:
                for text in texts(node.args[0]):
                    if text not in NOT_SHOWN:
                        found.append(text)
    return found


def texts(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.JoinedStr):
        options = [""]
        for part in node.values:
            if isinstance(part, ast.Constant):
                options = [text + str(part.value) for text in options]
            elif isinstance(part, ast.FormattedValue) and isinstance(part.value, ast.IfExp):
                choices = texts(part.value.body) + texts(part.value.orelse)
                options = [text + choice for text in options for choice in choices]
            else:
                options = [text + "7" for text in options]
        return options
    return []


@pytest.mark.parametrize("text", sentences())
def test_a_sentence_of_the_code_is_known(text: str) -> None:
    russian = in_language(text, "ru")
    assert CYRILLIC.search(russian), text
    assert not ENGLISH_WORD.search(russian), russian
    assert in_language(text, "en") == text


@pytest.mark.parametrize("code", [0, 1, 98, -6, -9, -11, -24, -25])
def test_every_way_to_end_is_known(code: int) -> None:
    russian = in_language(describe_exit(code), "ru")
    assert CYRILLIC.search(russian)
    assert str(abs(code)) in russian
    assert not ENGLISH_WORD.search(russian), russian


def test_a_limit_of_memory_is_known() -> None:
    assert in_language(exceeded(300), "ru") == "превышен предел памяти: 300 МБ"


def layers() -> list[str]:
    """What a step of the lockdown returns, and what holds before a worker begins."""
    tree = ast.parse((ROOT / "autograder" / "sandbox" / "jail" / "lockdown.py").read_text(encoding="utf-8"))
    returned = [
        node.value for node in ast.walk(tree) if isinstance(node, ast.Return) and node.value is not None
    ]
    steps = [text for value in returned for text in texts(value)]
    limits = "limits: processor time, file size, open files, processes, address space"
    return [*steps, limits, *zygote_client.OUTER_LAYERS, *bare.OUTER_LAYERS]


@pytest.mark.parametrize(
    "text", sorted({*layers(), *(gap for tier in tiers.TIERS for gap in tiers.gaps(tier))})
)
def test_how_a_worker_is_contained_is_known(text: str) -> None:
    russian = protection_in_language(text, "ru")
    assert not ENGLISH_WORD.search(russian), russian
    assert CYRILLIC.search(russian) or text == "seccomp" or text.startswith("Landlock (ABI")
    assert protection_in_language(text, "en") == text


def test_tiers_are_known() -> None:
    assert protection_in_language(tiers.FILES_NOT_HIDDEN, "ru") == "C: файлы не скрыты"
    assert [protection_in_language(tier, "ru") for tier in ("A", "A-", "B")] == ["A", "A-", "B"]


def test_there_are_sentences_to_look_at() -> None:
    assert len(sentences()) >= 10
    assert len(layers()) >= 15


def test_a_students_own_words_stay() -> None:
    assert in_language("ValueError: bad shape", "ru") == "ValueError: bad shape"
