"""Python in one of its two languages: strings in pairs, comments and docstrings line by line, and our own editions."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.course.assignment import find_assignment
from autograder.errors import UsageError
from autograder.release.bundle import bundle_files
from autograder.release.notebook import read_notebook
from autograder.release.one_language import in_language
from autograder.text import LANGS, Lang, has_russian
from tests.autograder.release.support import ROOT

SOURCE = '''"""Открытые тесты / public tests"""
# ru: Картинка со слайда,
# ru: четыре на четыре.
# en: The slide's image.
x = 1 / 2  # половина / a half
y = f"{x / 2} и {x} / {x} and {x / 2}"


def f(a):
    """ru: Рисует.
    en: Draws.
    """
    z = (
        f"слева {a}, "
        f"справа {a / 2} / "
        f"left {a / 2}, "
        "right"
        f" {a}"
    )
    return "1/2", z  # en: a fraction


def g():
    """каждый / each

    ru: Вход (N, 1) — по-русски.
    en: The input (N, 1).
    (N, 1) -> (N,)
    """
'''
RUSSIAN = '''"""Открытые тесты"""
# Картинка со слайда,
# четыре на четыре.
x = 1 / 2  # половина
y = f"{x / 2} и {x}"


def f(a):
    """Рисует."""
    z = (
        f"слева {a}, "
        f"справа {a / 2}"
    )
    return "1/2", z


def g():
    """каждый

    Вход (N, 1) — по-русски.
    (N, 1) -> (N,)
    """
'''
ENGLISH = '''"""public tests"""
# The slide's image.
x = 1 / 2  # a half
y = f"{x} and {x / 2}"


def f(a):
    """Draws."""
    z = (
        f"left {a / 2}, "
        "right"
        f" {a}"
    )
    return "1/2", z  # a fraction


def g():
    """each

    The input (N, 1).
    (N, 1) -> (N,)
    """
'''
# Words of the languages of programs: what is left of a comment without them is prose.
NAMES = re.compile(r"`[^`]*`|\w+[._(]\w*|[A-Z]\w*[A-Z]\w*|https?:\S+")
ENGLISH_WORDS = re.compile(r"\b[a-z]{2,}(?: [a-z]{2,}){2,}\b")


@pytest.mark.parametrize(("lang", "expected"), [("ru", RUSSIAN), ("en", ENGLISH)])
def test_one_half_is_kept(lang: Lang, expected: str) -> None:
    assert in_language(SOURCE, lang, "test.py") == expected
    ast.parse(expected)


@pytest.mark.parametrize("lang", LANGS)
def test_a_source_without_russian_stays_byte_for_byte(lang: Lang) -> None:
    source = '%matplotlib inline\n"a / b"  # en: stays\nx = "unfinished'
    assert in_language(source, lang, "test.py") == source


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ('"слово"', "line 1: write a string as one pair, 'ru / en': 'слово'"),
        (
            'x = 1\ny = f"логиты / logits: {x}, ожидалось / expected {x}"',
            "line 2: write a string as one pair",
        ),
        (
            'x = 1\n\ny = f"в словаре нет / not in the dictionary: {x}"',
            "line 3: both halves show as many values",
        ),
        ('"word / слово"', "line 1: the first half is Russian, the second English"),
        ("# слово", "line 1: there is no English for 'слово'; write 'ru / en', or lines ru: and en:"),
        ('"""слово / word\n\nдело\n"""', "there is no English for 'дело'"),
        ('"""ru: слово / en: word"""', "line 1: nothing is left of it in 'en': 'ru: слово / en: word'"),
        ("x = (  # слово / word", "is not Python"),
    ],
)
def test_what_cannot_be_parted_is_named_with_its_line(source: str, said: str) -> None:
    with pytest.raises(UsageError, match=re.escape(said)) as caught:
        in_language(source, "en", "public/test_f1.py")
    assert str(caught.value).startswith("public/test_f1.py")


def test_a_course_in_russian_alone_is_released_in_russian() -> None:
    source = '"""Тест."""\n# слово\nx = "слово"\n'
    assert in_language(source, "ru", "test.py") == source


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", ["seminar_cnn", "convolution", "architectures", "inside_and_transfer"])
def test_our_editions_speak_one_language(name: str, lang: Lang) -> None:
    """What a student reads: notebook, public tests, README. Programs (`hw_cnn`, `autograder`) speak both."""
    assignment = find_assignment(str(ROOT / "assignments" / name))
    files = bundle_files(assignment, lang)
    notebook = read_notebook(files[f"{name}.ipynb"].decode())
    texts = {
        path: data.decode() for path, data in files.items() if path == "README.md" or is_public_test(path)
    }
    texts |= {f"cell {cell.id}": cell.source for cell in notebook.cells}
    assert sum(map(is_public_test, texts)) == len(assignment.manifest.tasks)
    if lang == "en":
        assert [path for path, text in texts.items() if has_russian(text)] == []
        return
    tasks = {f"cell {task.id}" for task in assignment.manifest.tasks}  # docstrings of the library are English
    code = {
        path: text
        for path, text in texts.items()
        if path not in tasks and not path.startswith("cell markdown") and path != "README.md"
    }
    assert [(path, prose) for path, text in code.items() for prose in english_prose(text)] == []
    for cell in notebook.cells:
        assert cell.cell_type == "code" or has_russian(cell.source), cell.source


def is_public_test(path: str) -> bool:
    return path.startswith("public/") and path.endswith(".py")


def english_prose(source: str) -> Iterator[str]:
    """Comments and docstrings without a Russian letter in which three small words stand together."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        is_docstring = token.type == tokenize.STRING and token.string.startswith('"""')
        is_prose = (is_docstring or token.type == tokenize.COMMENT) and not has_russian(token.string)
        if is_prose and ENGLISH_WORDS.search(NAMES.sub("", token.string)):
            yield token.string


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("# the image is small", ["# the image is small"]),
        ("# ln(exp(-150) + exp(-20)) = 3", []),
        ('"""Рисует the image is small"""', []),
        ('"""(N, C) -> (N,)."""', []),
        ("# fmt: skip", []),
    ],
)
def test_prose_is_found(source: str, found: list[str]) -> None:
    assert list(english_prose(source)) == found


def test_public_tests_are_the_same_program_in_both_languages() -> None:
    for path in sorted(Path(ROOT / "assignments").glob("*/public/*.py")):
        source = path.read_text(encoding="utf-8")
        both = [code_of(in_language(source, lang, path.name)) for lang in LANGS]
        assert both[0] == both[1], path


def code_of(source: str) -> str:
    """The program without its texts."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        for name, value in ast.iter_fields(node):
            values = value if isinstance(value, list) else [value]
            told = [is_text(item) for item in values]
            if any(told):
                rest = [ast.Constant("") if is_it else item for item, is_it in zip(values, told, strict=True)]
                setattr(node, name, rest if isinstance(value, list) else rest[0])
    return ast.dump(tree)


def is_text(value: object) -> bool:
    return isinstance(value, ast.JoinedStr) or (
        isinstance(value, ast.Constant) and isinstance(value.value, str)
    )
