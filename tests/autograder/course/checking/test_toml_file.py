"""A TOML file that cannot be a value gives an error that names file and mend, and all that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course.checking.toml_file import load
from autograder.course.manifest import load_manifest
from autograder.errors import UsageError
from autograder.skeleton import new
from autograder.text import Value

SKELETON = Path(new.__file__).parent / "files"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "does not exist; an assignment is a folder that holds assignment.toml"),
        (b"name = ", "is not valid TOML"),
        (b"name = '\xff'", "is not UTF-8 (byte 8)"),
    ],
)
def test_a_broken_file_gives_one_sentence(tmp_path: Path, content: bytes | None, said: str) -> None:
    if content is not None:
        (tmp_path / "assignment.toml").write_bytes(content)
    with pytest.raises(UsageError) as caught:
        load_manifest(tmp_path)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


class Small(Value):
    """What a file may hold."""

    name: str
    size: int = 1


def test_a_right_file_is_a_value(tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text("name = 'имя'\nsize = 3\n", encoding="utf-8")
    assert load(tmp_path / "small.toml", Small) == Small(name="имя", size=3)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("name = 'x'\nnam = 'x'", ["unknown key 'nam'; remove it or correct its spelling"]),
        ("nam = 'x'", ["unknown key 'nam'; remove it or correct its spelling", "name: Field required"]),
        (
            "name = 1\nsize = 'large'",
            ["name: Input should be a valid string", "size: Input should be a valid"],
        ),
        ("name = 'x'\nsize = 'large'", ["size: Input should be a valid integer"]),
    ],
)
def test_all_that_does_not_fit_is_named_with_its_key(tmp_path: Path, content: str, said: list[str]) -> None:
    path = tmp_path / "small.toml"
    path.write_text(content)
    with pytest.raises(UsageError) as caught:
        load(path, Small)
    first, *further = str(caught.value).split("\n")
    if len(said) == 1:
        assert first.startswith(f"{path}: {said[0]}")
        assert not further
    else:
        assert first == f"{path} has {len(said)} problems:"
        assert all(line.startswith(f"- {sentence}") for line, sentence in zip(further, said, strict=True))


def broken(*changes: tuple[str, str]) -> str:
    """The manifest of the skeleton with texts exchanged."""
    text = (SKELETON / "assignment.toml").read_text(encoding="utf-8")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    return text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ([("minutes = 25", "minutes = 0")], ["task P1, minutes: Input should be greater than 0"]),
        (
            [("core = true", "core = 3")],
            ["task P1, test test_p1.py::test_mean, core: Input should be a valid"],
        ),
        (
            [("points = 3.5", "points = 3"), ("minutes = 25", "minutes = 99")],
            ["task P1: its tests add up to 4.5 points, the task has 5"],
        ),
        (
            [("core = true", "core = false"), ('"torch.nn.AvgPool2d"', '"torch.nothing"')],
            [
                "task P1: nobody can watch for 'torch.nothing'",
                "task P1: core tests give",
                "task P1: corner case test_p1.py::test_mean costs 3.5",
            ],
        ),
        (
            [
                ('"torch.nn.AvgPool2d"', '"torch.nn.AvgPool2d", "torch.nothing", "numpy.sin"'),
                ("Add up the numbers", "Call nn.AvgPool2d() and add up the numbers"),
            ],
            [
                "task P1: nobody can watch for 'torch.nothing'",
                "task P1: nobody can watch for 'numpy.sin'",
                "task P1: a hint calls nn.AvgPool2d, which the task forbids",
            ],
        ),
        (
            [("core = true", "cor = true"), ("schema = 1", "schema = 2")],
            [
                "task P1, test test_p1.py::test_mean: unknown key 'cor'; remove it",
                "schema: Input should be 1",
                "task P1, test test_p1.py::test_mean, core: Field required",
            ],
        ),
    ],
)
def test_problems_of_a_manifest_name_task_and_test(
    tmp_path: Path, changes: list[tuple[str, str]], said: list[str]
) -> None:
    (tmp_path / "assignment.toml").write_text(broken(*changes), encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        load_manifest(tmp_path)
    message = str(caught.value)
    assert [sentence for sentence in said if sentence not in message] == []
    assert message.count("\n") == (len(said) if len(said) > 1 else 0)
