"""What a judge makes of an answer about an upload, whoever has written it."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.course.public import public_part
from autograder.intake.students import Upload
from autograder.intake.submission import Submission
from autograder.intake.uploads.rejection import Rejected, refuse
from autograder.sandbox.host.connection import SandboxError
from autograder.sandbox.host.reader import HERE
from autograder.sandbox.host.reading import Ends, ReaderEndedError, Reading
from autograder.sandbox.reading import parcels, submissions
from autograder.wire.channel import Channel
from autograder.wire.frames import Caps
from tests.autograder.intake.support import take
from tests.autograder.intake_support import EDITION, manifest, one_sentence

LIMITS = manifest().limits.model_copy(update={"read_wall_s": 0.2, "upload_mb": 1})
PUBLIC = public_part(manifest(), "en", "small", EDITION, HERE).model_copy(update={"limits": LIMITS})
READING = Reading(Upload("anna", Path("anna"), root=Path()), PUBLIC, EDITION)


class Other:
    """The other ends of the three pipes."""

    def __init__(self) -> None:
        self.request, request_write = os.pipe()
        answer_read, self.answer = os.pipe()
        report_read, self.report = os.pipe()
        self.ends = Ends(request_write, answer_read, report_read)
        for fd in (request_write, answer_read, report_read):
            os.set_blocking(fd, False)
        self._open = {self.request, self.answer, self.report, request_write, answer_read, report_read}

    def close(self, *fds: int) -> None:
        for fd in fds or tuple(self._open):
            self._open.remove(fd)
            os.close(fd)

    def send(self, message: dict[str, Any], arrays: dict[str, Any] | None = None) -> None:
        Channel(-1, self.answer, wait=None).send(message, arrays or {}, caps=Caps())

    def end(self, **report: object) -> None:
        """Without an answer; the mother says how."""
        os.write(self.report, json.dumps(report).encode())
        self.close(self.answer, self.report)


@pytest.fixture
def other() -> Iterator[Other]:
    made = Other()
    yield made
    made.close()


def refused(other: Other) -> str:
    with pytest.raises(Rejected) as caught:
        READING.over(other.ends)
    return one_sentence(caught.value).en


def test_a_submission_is_what_was_read(other: Other) -> None:
    found = take(py=b"def conv(x): return 1")
    assert found is not None
    other.send({"end": "read"}, submissions.encode(found))
    read = READING.over(other.ends)
    assert isinstance(read, Submission)
    assert (read.student, read.path, read.sources) == ("anna", Path("anna"), found.sources)
    request, _ = Channel(other.request, -1, wait=None).receive()
    assert request == {"student": "anna", "path": str(Path.cwd() / "anna"), "root": str(Path.cwd())}


def test_a_rejection_is_raised(other: Other) -> None:
    other.send({"end": "rejected"}, submissions.encode_rejection(refuse("слишком", "too much")))
    assert refused(other) == "too much"


@pytest.mark.parametrize(
    ("end", "said"),
    [("memory", "needs more than 1024 MB of memory"), ("too large", "too much code that the tasks need")],
)
def test_limits_that_a_reader_names_itself(other: Other, end: str, said: str) -> None:
    other.send({"end": end})
    assert said in refused(other)


def test_a_disk_that_cannot_be_read(other: Other) -> None:
    other.send({"end": "disk", "text": "no \x1b[2Jpermission"})
    with pytest.raises(OSError, match=r"^no permission$"):
        READING.over(other.ends)


def test_an_error_of_reading_is_the_graders(other: Other, capsys: pytest.CaptureFixture[str]) -> None:
    other.send({"end": "error", "text": "Traceback\n\x1b[2JKeyError: 3"})
    with pytest.raises(SandboxError, match="lines above"):
        READING.over(other.ends)
    assert capsys.readouterr().err == "Traceback\nKeyError: 3\n"


@pytest.mark.parametrize(
    ("message", "arrays"),
    [
        ({}, {}),
        ({"end": ["read"]}, {}),
        ({"end": "else"}, {}),
        ({"end": "read"}, {}),
        ({"end": "read"}, parcels.pack([])),
        ({"end": "rejected"}, parcels.pack({"ru": 1})),
    ],
)
def test_an_answer_that_makes_no_sense_costs_the_upload(
    other: Other, message: dict[str, Any], arrays: dict[str, Any]
) -> None:
    other.send(message, arrays)
    assert "could not be read to its end" in refused(other)


@pytest.mark.parametrize("raw", [b"\xff" * 8, (2).to_bytes(8, "little") + b"[]", b"GET / HT"])
def test_bytes_that_are_no_frame_cost_the_upload(other: Other, raw: bytes) -> None:
    os.write(other.answer, raw)
    assert "could not be read to its end" in refused(other)


def test_a_frame_larger_than_an_upload_is_refused_by_its_header(other: Other) -> None:
    header = {
        "a": {"dtype": "U8", "shape": [1 << 28], "data_offsets": [0, 1 << 28]},
        "__metadata__": {"message": "{}"},
    }
    raw = json.dumps(header).encode()
    os.write(other.answer, len(raw).to_bytes(8, "little") + raw)
    assert "no sense in the answer" in refused(other)


@pytest.mark.parametrize(
    ("report", "said"),
    [
        ({"exit": -signal.SIGXCPU, "overdue": False}, "more than 10 s of processor time"),
        ({"exit": -signal.SIGALRM, "overdue": False}, "more than 0.2 s;"),
        ({"exit": -signal.SIGKILL, "overdue": True}, "more than 0.2 s;"),
        ({"exit": -signal.SIGKILL, "overdue": False}, "signal 9"),
        ({"exit": -signal.SIGSEGV, "overdue": False}, "signal 11"),
        ({"exit": 1, "overdue": False}, "exit code 1"),
    ],
)
def test_how_a_reader_ended(other: Other, report: dict[str, object], said: str) -> None:
    other.end(**report)
    assert said in refused(other)


def test_a_reader_that_reads_no_request_has_ended(other: Other) -> None:
    other.close(other.request)
    other.end(exit=-signal.SIGXCPU, overdue=False)
    assert "processor time" in refused(other)


def test_no_reader_could_be_made(other: Other) -> None:
    other.end(error="no process can be made to read in")
    with pytest.raises(SandboxError, match="no process can be made"):
        READING.over(other.ends)


def test_a_mother_that_has_ended_is_no_fault_of_the_student(other: Other) -> None:
    other.close(other.answer, other.report)
    with pytest.raises(ReaderEndedError):
        READING.over(other.ends)


@pytest.mark.parametrize("says", ["nothing", "half", "closes"])
def test_nobody_waits_for_ever(other: Other, says: str) -> None:
    if says == "half":
        os.write(other.answer, b"\x10\0\0\0\0\0\0\0{")
    if says == "closes":
        other.close(other.answer)
    assert "more than 0.2 s;" in refused(other)
