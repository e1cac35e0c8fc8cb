"""Tasks, a folder and options in any order."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course.public import load_public
from autograder.errors import UsageError
from autograder.student.arguments import chosen_tasks, parse


@pytest.mark.parametrize(
    ("argv", "folder", "tasks"),
    [
        ([], ".", ()),
        (["F1", "g1"], ".", ("F1", "g1")),
        (["here", "F1"], "here", ("F1",)),
        (["F1", "./gone", "--watch"], "./gone", ("F1",)),
        (["nowhere"], ".", ("nowhere",)),
    ],
)
def test_check(
    argv: list[str], folder: str, tasks: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path)
    request = parse(argv, "check")
    assert (request.folder, request.tasks, request.has("--watch")) == (
        Path(folder), tasks, "--watch" in argv,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("command", "argv"),
    [
        ("check", ["--anyway"]),
        ("check", ["./a", "./b"]),
        ("check", ["--watch", "--github"]),
        ("submit", ["--watch"]),
        ("submit", ["F1", "G1"]),
    ],
)
def test_wrong_usage(command: str, argv: list[str]) -> None:
    with pytest.raises(UsageError, match=rf"Использование: hw-cnn {command} .* / Usage: hw-cnn {command} "):
        parse(argv, command)


def test_tasks_are_those_of_the_homework_in_its_order(released: Path) -> None:
    public = load_public(released)
    assert chosen_tasks(parse(["k3", "F1"], "check"), public) == ["F1", "K3"]
    assert chosen_tasks(parse([], "check"), public) == [
        "B1",
        "C1",
        "D2",
        "F1",
        "F5",
        "D4",
        "D5",
        "G1",
        "G2",
        "I1",
        "K2",
        "J1",
        "K3",
        "X1",
        "X2",
        "W",
    ]
    with pytest.raises(
        UsageError,
        match=r"There is no such task or folder: Z9\. "
        r"This homework has B1, C1, D2, F1, F5, D4, D5, G1, G2, I1, K2, J1, K3, X1, X2, W\.",
    ):
        chosen_tasks(parse(["F1", "Z9"], "check"), public)
