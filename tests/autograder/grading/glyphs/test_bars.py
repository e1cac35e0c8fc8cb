"""Bars are measured once, whoever asks and however many ask at once; what a kill leaves is measured again."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.course.manifest import Manifest, Test
from autograder.errors import GraderError
from autograder.grading.glyphs import bars as bars_module
from autograder.grading.glyphs.bars import Examiner, read_bars
from autograder.grading.glyphs.exam import Bars, Examination
from autograder.grading.settings import Settings
from autograder.remote.session import Transport
from autograder.results.grade import SandboxReport
from autograder.sandbox.host.connection import ZygoteEndedError
from tests.autograder.manifests import plain

WAIT_S = 60.0


def manifest() -> Manifest:
    data = plain()
    data["tasks"][1]["tests"][0]["threshold"] = {"metric": "glyphs", "margin": 0.1, "provenance": "made up"}
    return Manifest.model_validate(data)


def settings(**changed: object) -> Settings:
    made = Settings(
        manifest(),
        {},
        b"a course key of 24 bytes",
        "en",
        "cpu",
        SandboxReport(tier="A"),
        {},
        "grader",
        "environment",
    )
    return replace(made, **changed)


def priced(found: Manifest) -> tuple[Test, ...]:
    return tuple(test for task in found.tasks for test in task.tests)


@pytest.fixture
def measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Stands for the training of the reference, which takes seconds: counts itself in a file, so that forks count."""
    log = tmp_path / "trainings"

    def train(transport: Transport, of: Manifest, exam: Examination) -> tuple[float, float]:
        with log.open("a") as stream:
            stream.write("x")
        time.sleep(0.3)
        return 0.99, 5.0

    monkeypatch.setattr(bars_module, "train_reference", train)
    monkeypatch.setattr(Examination, "ridge", lambda self: 0.75)
    return lambda: len(log.read_text()) if log.exists() else 0


@contextlib.contextmanager
def nobody() -> Iterator[Transport]:
    yield None  # type: ignore[misc]  # the training above asks no worker


def examiner(folder: Path, of: Settings | None = None) -> Examiner:
    return Examiner(of or settings(), folder, nobody)


def test_bars_are_measured_once_and_kept(tmp_path: Path, measured: Callable[[], int]) -> None:
    folder = tmp_path / "glyphs"
    for _ in range(2):
        exam = examiner(folder).examination(priced(manifest()))
        assert exam is not None
        assert exam.bars == Bars(0.75, 0.99, 5.0)
    assert measured() == 1


@pytest.mark.parametrize(
    "changed",
    [{"key": b"another course key"}, {"grader_sha256": "x"}, {"environment_sha256": "x"}, {"device": "cuda"}],
)
def test_whatever_could_change_them_makes_them_new(
    tmp_path: Path, measured: Callable[[], int], changed: dict[str, object]
) -> None:
    for of in (settings(), settings(**changed)):
        examiner(tmp_path / "glyphs", of).examination(priced(manifest()))
    assert measured() == 2


def test_nothing_is_measured_that_nobody_needs(tmp_path: Path, measured: Callable[[], int]) -> None:
    first, _ = manifest().tasks
    assert examiner(tmp_path / "glyphs").examination(first.tests) is None
    assert measured() == 0
    assert not (tmp_path / "glyphs").exists()


def test_forks_that_ask_at_once_train_one_reference(tmp_path: Path, measured: Callable[[], int]) -> None:
    children = []
    for _ in range(4):
        pid = os.fork()
        if pid == 0:
            code = 1
            with contextlib.suppress(BaseException):
                exam = examiner(tmp_path / "glyphs").examination(priced(manifest()))
                code = 0 if exam is not None and exam.bars == Bars(0.75, 0.99, 5.0) else 2
            os._exit(code)
        children.append(pid)
    assert [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children] == [0] * 4
    assert measured() == 1


def test_a_judge_that_is_killed_while_it_measures_holds_up_nobody(
    tmp_path: Path, measured: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    pid = os.fork()
    if pid == 0:
        monkeypatch.setattr(Examination, "ridge", lambda self: time.sleep(WAIT_S))
        examiner(tmp_path / "glyphs").examination(priced(manifest()))
        os._exit(0)
    ends = time.monotonic() + WAIT_S
    while measured() == 0 and time.monotonic() < ends:
        time.sleep(0.01)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    exam = examiner(tmp_path / "glyphs").examination(priced(manifest()))
    assert exam is not None
    assert exam.bars == Bars(0.75, 0.99, 5.0)
    assert measured() == 2


@pytest.mark.parametrize(
    "content", [b"", b'{"ridge": 0.7', b"[]", b'{"ridge": 0.7, "reference": null}', b"\xff"]
)
def test_what_is_not_whole_is_measured_again(
    tmp_path: Path, measured: Callable[[], int], content: bytes
) -> None:
    folder = tmp_path / "glyphs"
    examiner(folder).examination(priced(manifest()))
    (path,) = folder.glob("*.json")
    path.write_bytes(content)
    assert read_bars(path) is None
    examiner(folder).examination(priced(manifest()))
    assert measured() == 2
    assert json.loads(path.read_bytes()) == {"ridge": 0.75, "reference": 0.99, "reference_cpu_s": 5.0}


def test_a_reference_that_learns_nothing_is_the_graders_fault(
    tmp_path: Path, measured: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Examination, "ridge", lambda self: 0.9)
    exam = examiner(tmp_path / "glyphs").examination(priced(manifest()))
    assert exam is not None
    with pytest.raises(GraderError, match=r"reaches 0\.990 on the glyphs .* a ridge on pixels 0\.900: mend"):
        _ = exam.high
    assert list((tmp_path / "glyphs").glob("*.json")) == []


def test_a_zygote_that_ends_is_started_again_by_who_called(
    tmp_path: Path, measured: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def ended(*_: object) -> tuple[float, float]:
        raise ZygoteEndedError("the zygote has ended")

    monkeypatch.setattr(bars_module, "train_reference", ended)
    with pytest.raises(ZygoteEndedError):
        examiner(tmp_path / "glyphs").examination(priced(manifest()))
