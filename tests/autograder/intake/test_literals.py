"""Large literals are named to staff with their place; what people write by hand is not."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from autograder.intake.literals import LARGE_BYTES, LONG_LINE, MANY_BYTES, about_literals
from autograder.intake.load_plan import Statement
from autograder.text import Text

BLOB = base64.b64encode(bytes(range(256)) * 4).decode()


def statement(source: str, place: str = "code cell 3", first_line: int = 1) -> Statement:
    return Statement("notebook", source, "<cell>", first_line, (), (), Text(ru=place, en=place))


def docstring(size: int, name: str = "f") -> str:
    words = ("weights " * 8 + "\n") * (size // 65)
    return f'def {name}():\n    """{words}"""\n'


@pytest.mark.parametrize(
    "source",
    [
        f'W = "{BLOB}"',
        f"W = {BLOB.encode()!r}",
        f"W = {list(range(1200))}",
        f"W = {[0.25] * 200}",
        f"W = {{{', '.join(f'{n}: {n}.5' for n in range(150))}}}",
        'W = ("' + '"\n     "'.join(BLOB[start : start + 80] for start in range(0, len(BLOB), 80)) + '")',
        f'def train_seminar(data, weights="{BLOB}"):\n    return weights',
        f'def train_seminar(data):\n    """Trains."""\n    w = "{BLOB}"\n    return w',
        docstring(LARGE_BYTES + 500),
        f"x = 1  # {BLOB}",
    ],
    ids=[
        "text",
        "bytes",
        "integers",
        "floats",
        "dictionary",
        "many lines",
        "default",
        "inside",
        "docstring",
        "comment",
    ],
)
def test_a_large_literal_is_named_with_its_place(source: str) -> None:
    (note,) = about_literals([statement(source, "code cell 3", 7)], {})
    assert "code cell 3, line 7 (" in note.en
    assert "code cell 3, строка 7 (" in note.ru


@pytest.mark.parametrize(
    "source",
    [
        "x = 1",
        docstring(LARGE_BYTES - 100),
        f"W = {list(range(200))}",
        f'W = "{BLOB[:900]}"',
        "names = " + repr([f"class {number}" for number in range(60)]),
        "def f(x):\n" + "    # a long explanation of what comes next\n" * 60 + "    return x",
    ],
)
def test_what_people_write_is_not(source: str) -> None:
    assert about_literals([statement(source)], {}) == ()


def test_small_pieces_add_up() -> None:
    pieces = [statement(docstring(900, f"f{number}")) for number in range(MANY_BYTES // 800)]
    (note,) = about_literals(pieces, {})
    assert "in all" in note.en
    assert "всего" in note.ru
    assert about_literals(pieces[: len(pieces) // 2], {}) == ()


def test_a_statement_that_several_tasks_need_counts_once() -> None:
    pieces = [statement(docstring(900, f"f{number}")) for number in range(5)]
    assert about_literals(pieces * 4, {}) == ()


def test_own_modules_and_package_files_are_searched() -> None:
    files = {
        "weights.py": f'W = "{BLOB}"'.encode(),
        "hw_cnn/training.py": f"\n\nW = {[0.5] * 500}\n".encode(),
        "no_python.py": ("\x00" + "1 2 3 " * 400).encode(),
        "data.bin": BLOB.encode(),
    }
    (note,) = about_literals([], files)
    assert "weights.py, line 1 (" in note.en
    assert "hw_cnn/training.py, line 3 (" in note.en
    assert "no_python.py, line 1 (" in note.en
    assert "data.bin" not in note.en


def test_of_many_places_some_are_named() -> None:
    (note,) = about_literals([statement(f'W{n} = "{BLOB}"', f"code cell {n}") for n in range(9)], {})
    assert note.en.count("code cell") == 5
    assert note.en.endswith(" and 4 more")
    assert note.ru.endswith(" и ещё мест: 4")


def test_a_line_that_nobody_writes() -> None:
    (note,) = about_literals(
        [statement("x = 1\n"), statement("y = [" + "z, " * LONG_LINE + "]", "code cell 4")], {}
    )
    assert "code cell 4" in note.en


def test_nothing_of_the_reference_is_large() -> None:
    package = Path(__file__).parents[3] / "hw_cnn"
    names = ("training", "classifier", "metrics", "models/seminar", "layers/convolution", "layers/pooling")
    files = {f"hw_cnn/{name}.py": (package / f"{name}.py").read_bytes() for name in names}
    assert about_literals([], files) == ()
