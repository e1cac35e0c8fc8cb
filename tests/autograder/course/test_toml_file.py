"""A TOML file that cannot be a value gives one sentence that names file and mend."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course.manifest import load_manifest
from autograder.course.toml_file import load
from autograder.errors import UsageError
from autograder.text import Value


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "does not exist; an assignment is a folder that holds assignment.toml"),
        (b"name = ", "is not valid TOML"),
        (b"name = '\xff'", "is not UTF-8 (byte 8)"),
        (b"schema = 1\nname = 'x'\ncolour = 'red'", "unknown key 'colour'"),
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
        ("nam = 'x'", "unknown key 'nam'"),
        ("name = 'x'\nsize = 'large'", "size: Input should be a valid integer"),
        ("name = 1\nsize = 'large'", "(and 1 more)"),
    ],
)
def test_what_does_not_fit_is_named_with_its_key(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "small.toml"
    path.write_text(content)
    with pytest.raises(UsageError) as caught:
        load(path, Small)
    assert str(caught.value).startswith(f"{path}: ")
    assert said in str(caught.value)
