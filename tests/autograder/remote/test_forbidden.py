"""What a worker tells of forbidden calls is three numbers within what was asked; the words are ours."""

from __future__ import annotations

from typing import Any

import pytest

from autograder.intake.submission import CodeFile
from autograder.remote.failures import StudentCrashed
from autograder.remote.forbidden import SeenCall, Watch, in_words
from autograder.remote.session import Home, Session
from autograder.remote.student import Student
from autograder.text import Text
from autograder.wire.errors import ProtocolError
from tests.autograder.remote.support import SYMBOLS
from tests.autograder.remote.told_workers import LIMITS, Line

CONV, UNFOLD, LAYER = "torch.nn.functional.conv2d", "torch.nn.functional.unfold", "torch.nn.Conv2d"
CELL, OTHER = Text(ru="ячейка F1", en="cell F1"), Text(ru="solution.py", en="solution.py")


def watch(task: str = "F1") -> Watch:
    made = Watch(
        {"F1": [CONV, UNFOLD], "G1": []}, {"<cell F1>": CodeFile(CELL, 9), "s.py": CodeFile(OTHER, 4)}
    )
    made.task = task
    return made


def test_a_task_that_forbids_nothing_is_not_watched() -> None:
    assert watch("G1").order is None
    assert watch("K3").order is None
    assert watch().order == {"names": [CONV, UNFOLD], "files": ["<cell F1>", "s.py"]}


def test_what_is_told_is_kept_once_and_by_task() -> None:
    made = watch()
    made.take([[0, 0, 3], [1, 1, 4]])
    made.take([[0, 0, 3], [0, -1, 0]])
    assert made.seen == {"F1": [SeenCall(CONV, CELL, 3), SeenCall(UNFOLD, OTHER, 4), SeenCall(CONV, None, 0)]}


@pytest.mark.parametrize(
    "notes",
    [
        None, {}, "text", [3], [[0, 0]], [[0, 0, 1, 1]], [[True, 0, 1]], [[0, 0, 1.0]], [["0", 0, 1]], [[2, 0, 1]],
        [[-1, 0, 1]], [[0, 2, 1]], [[0, -2, 1]], [[0, 0, 0]], [[0, 0, 10]], [[0, 1, 5]], [[0, 0, 1 << 80]],
        [[0, 0, 1]] * 65,
    ],
)  # fmt: skip
def test_nothing_else_is_taken(notes: Any) -> None:
    with pytest.raises(ProtocolError, match="told"):
        watch().take(notes)


def test_a_call_is_named_where_its_line_names_it() -> None:
    text = (
        "def conv2d(x, weight):\n    return F.conv2d(x, weight)\n\n\ny = torch.convolution(x)\nmy_conv2d(x)"
    )
    made = Watch({"F1": [CONV]}, {"<cell F1>": CodeFile.of_text(CELL, text)}, task="F1")
    made.take([[0, 0, 2], [0, 0, 5], [0, 0, 6]])
    assert [call.is_named for call in made.seen["F1"]] == [True, False, False]
    with pytest.raises(ProtocolError, match="told"):
        made.take([[0, 0, 7]])


def test_a_line_without_a_file_says_nothing() -> None:
    made = watch()
    made.take([[0, -1, 12345]])
    assert made.seen["F1"] == [SeenCall(CONV, None, 0)]


def test_in_words() -> None:
    calls = [SeenCall(LAYER, CELL, 3, is_named=True), SeenCall(CONV, None, 0), SeenCall(UNFOLD, None, 0)]
    assert in_words(calls, "cell F1", "en") == (
        "nn.Conv2d (cell F1, line 3), F.unfold or what computes the same (cell F1)"
    )
    assert in_words(calls[:2], "", "ru") == "nn.Conv2d (ячейка F1, строка 3)"
    assert in_words(calls[1:2], "", "en") == "F.conv2d or what computes the same"
    assert in_words([SeenCall(CONV, CELL, 3)], "", "ru") == (
        "F.conv2d или то, что считает то же самое (ячейка F1, строка 3)"
    )
    many = [SeenCall(CONV, CELL, line) for line in range(1, 9)]
    assert in_words(many, "", "en").count("F.conv2d") == 3
    assert in_words(many, "", "en").endswith(", ...")


def test_a_session_asks_and_takes(line: Line) -> None:
    made = watch()
    session = Session(line.start().home, LIMITS, lambda remote: remote, lambda _: None, made)
    line.next_answer = {"ok": True, "values": {}, "seen": [[1, 0, 2]]}
    session.request(session.watched({"op": "call"}), {}, 2.0)
    assert line.workers[-1].asked[0][0] == {"op": "call", "watch": made.order}
    assert made.seen["F1"] == [SeenCall(UNFOLD, CELL, 2)]


@pytest.mark.parametrize("ok", [True, False])
def test_a_lie_that_cannot_be_is_the_workers_end(line: Line, ok: bool) -> None:
    session = Session(line.start().home, LIMITS, lambda remote: remote, lambda _: None, watch())
    line.next_answer = {"ok": ok, "values": {}, "error": {}, "seen": [[0, 0, 99]]}
    with pytest.raises(StudentCrashed):
        session.request({"op": "call"}, {}, 2.0)


def test_calls_and_drivers_are_watched_and_timed_calls_are_not(line: Line) -> None:
    made = watch()
    home: Home = line.start().home
    student = Student(home.connect, SYMBOLS, LIMITS, watch=made)
    student.begin_task("F1")
    function = student.conv
    function(1)
    function.options(watched=False)(1)
    asked = [message for message, _ in line.workers[-1].asked]
    assert [message.get("watch") for message in asked] == [made.order, None]
    assert "watched" not in asked[1]["options"]
    student.begin_task("G1")
    function(1)
    assert "watch" not in line.workers[-1].asked[-1][0]
    assert student.forbidden_calls("F1") == []


def test_an_upload_of_very_many_files_is_watched_with_short_requests() -> None:
    names = [f"{'folder/' * 10}file_{number}.py" for number in range(5000)]
    made = Watch({"F1": [CONV]}, {name: CodeFile(OTHER, 3) for name in names}, task="F1")
    assert made.order is not None
    assert 0 < sum(map(len, made.order["files"])) <= 10_000
    assert made.order["files"] == names[: len(made.order["files"])]
