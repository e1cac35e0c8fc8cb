"""Files that a notebook writes for itself."""

from __future__ import annotations

import ast

import pytest

from autograder.intake.program.index import Index
from autograder.intake.program.slices import Slicer
from autograder.intake.program.written_files import MARK, Files, written
from tests.autograder.intake.program.support import names, program_of, statement


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("open('a.txt', 'w').write('b')", "a.txt"),
        ("with open('a.txt', mode='ab') as f: pass", "a.txt"),
        ("open(A, 'r+')", "A"),
        ("open('a.txt')", ""),
        ("open('a.txt', 'rb')", ""),
        ("open('a.txt', encoding='latin-1')", ""),
        ("Path('a.txt').open('w')", "a.txt"),
        ("Path('a.txt').open()", ""),
        ("Path('a.txt').write_text('b')", "a.txt"),
        ("(a / 'b.txt').write_bytes(c)", "a b.txt"),
        ("os.makedirs('a/b', exist_ok=True)", "a/b"),
        ("makedirs('a')", "a"),
        ("a.mkdir()", "a"),
        ("torch.save(net.state_dict(), 'a.pt')", "a.pt"),
        ("np.save(os.path.join('a', b), c)", "os a b c"),
        ("table.to_csv(f'{a}/b.csv')", "a /b.csv"),
        ("shutil.copyfile('a', 'b')", "a b"),
        ("a.copy()", ""),
        ("a.read_text()", ""),
    ],
)
def test_files_that_a_statement_writes(source: str, expected: str) -> None:
    assert written(ast.walk(statement(source))) == {f"{MARK}{name}" for name in names(expected)}


@pytest.mark.parametrize(
    ("file", "source", "expected"),
    [
        ("a.txt", "open('a.txt')", True),
        ("a.txt", "open('./a.txt')", True),
        ("out/a.txt", "open('out\\\\a.txt')", True),
        ("out/a.txt", "open(out / 'a.txt')", True),
        ("a.txt", "open('out/a.txt')", True),
        ("out", "open('out/deep/a.txt')", True),
        ("out/a.txt", "glob('out')", True),
        ("A", "open(A)", True),
        ("out/a.txt", "open('out/b.txt')", False),
        ("a", "open('out/a')", False),
        ("out", "open('outer/a.txt')", False),
        ("a" * 201, f"open('{'a' * 201}')", False),
    ],
)
def test_files_that_a_statement_may_read(file: str, source: str, expected: bool) -> None:
    assert Files([f"{MARK}{file}"]).named(statement(source)) == ({f"{MARK}{file}"} if expected else set())


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["open('a', 'w').write('1')", "k = open('a').read()"], [0, 1]),
        (["open('b', 'w').write('1')", "k = open('a').read()"], [1]),
        (["os.makedirs('out')", "open('out/a', 'w')", "k = open('out/a').read()"], [0, 1, 2]),
        (["def save(): open('a', 'w')", "save()", "k = open('a').read()"], [0, 1, 2]),
        (["def save(): open('a', 'w')", "k = open('a').read()"], [1]),
        (["A = 'a'", "Path(A).write_text('1')", "def k(): return open(A)"], [0, 1, 2]),
        (["open('a', 'w').write('1')", "k = 1", "open('a', 'w').write('2')"], [1]),
    ],
)
def test_what_is_read_was_written_before(cells: list[str], expected: list[int]) -> None:
    found = Slicer(Index(program_of(*cells).lines)).slice(["k"])
    assert sorted(found.positions) == expected
