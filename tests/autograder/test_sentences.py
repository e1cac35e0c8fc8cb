"""Every sentence for people, in the sources and in our assignments: dashes, quotes and spaces as in print."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.text import has_russian

ROOT = Path(__file__).parents[2]
# A hyphen in place of a dash: behind a word, a bracket, a quotation mark or a value. Formulas have single letters.
HYPHEN = re.compile(r"(?:[^\W\d_]\w+|[»)}`\]*]) -{1,2} ")
DOUBLE_KIND = re.compile(r"\b(\w+(?:Error|Exception)): \1\b|\{kind\}: \{text\}")
STRAIGHT_QUOTES = re.compile(r'"[^"]*[а-яё][^"]*"', re.IGNORECASE)
# Code and formulas of markdown. What a formula's dollar signs hold is no sentence.
NO_PROSE = re.compile(r"```.*?```|`[^`\n]*`|\$\$.*?\$\$|\$[^$\n]*\$", re.DOTALL)
PAIRS = (("«", "»"), ("(", ")"), ("[", "]"), ("{", "}"))


def faults(sentence: str) -> list[str]:
    """What is not as in print."""
    found = []
    if HYPHEN.search(sentence):
        found.append("a hyphen for a dash")
    if DOUBLE_KIND.search(sentence):
        found.append("the kind of an exception twice")
    if any(sentence.count(one) != sentence.count(other) for one, other in PAIRS) or sentence.count('"') % 2:
        found.append("half of a pair of quotes or brackets")
    if re.search(r"\S  +\S", sentence):
        found.append("two spaces")
    if "({})" in sentence or "()" in re.sub(r"\w\(\)", "", sentence):
        found.append("empty brackets")
    if has_russian(sentence) and STRAIGHT_QUOTES.search(sentence):
        found.append("straight quotes around Russian words")
    if re.search(r"\S\s[,;:.!?](?:\s|$)", sentence):
        found.append("a space before a full stop or a comma")
    return found


def sentences_of_sources() -> Iterator[tuple[str, str]]:
    """(place, text) of every `Text(ru=..., en=...)`, and of every other string with a Russian letter."""
    for path in sorted([*(ROOT / "autograder").rglob("*.py"), *(ROOT / "hw_cnn").rglob("*.py")]):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        inner = {
            id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)
        }
        docs = {id(node.body[0].value) for node in ast.walk(tree) if is_documented(node)}  # type: ignore[attr-defined]
        for node in ast.walk(tree):
            place = f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Text":
                yield from ((place, flat(key.value)) for key in node.keywords if key.arg == "en")
            is_string = isinstance(node, ast.JoinedStr) or (
                isinstance(node, ast.Constant) and type(node.value) is str
            )
            if (
                is_string
                and (id(node) not in inner or isinstance(node, ast.JoinedStr))
                and id(node) not in docs
            ):
                text = flat(node)
                if has_russian(text) and not is_pattern(text):
                    yield place, text


def is_documented(node: ast.AST) -> bool:
    is_scope = isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
    return is_scope and ast.get_docstring(node) is not None


def is_pattern(text: str) -> bool:
    """A regular expression, or a list of letters."""
    return "[а-яё" in text or "[^" in text


def flat(node: ast.AST) -> str:
    """A string with {x} for each value."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(flat(part) for part in node.values)
    return "{x}" if isinstance(node, ast.FormattedValue) else ""


def sentences_of_assignments() -> Iterator[tuple[str, str]]:
    """Every text with `ru` and `en` in manifests and in the lists of variants."""
    for path in sorted([*ROOT.glob("assignments/*/*.toml"), *ROOT.glob("assignments/*/wrong/*.toml")]):
        for keys, text in texts_in(tomllib.loads(path.read_text(encoding="utf-8")), ()):
            yield f"{path.relative_to(ROOT)}: {'.'.join(keys)}", text


def texts_in(value: Any, keys: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from texts_in(item, (*keys, str(value.get("id", "")) or key, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from texts_in(item, (*keys, str(number)))
    elif isinstance(value, str) and keys and {"ru", "en"} & set(keys[-3:]):
        yield keys[-4:], value


def sentences_of_pages() -> Iterator[tuple[str, str]]:
    """Paragraphs of handouts and of what a bundle tells."""
    for path in sorted([*ROOT.glob("assignments/*/handout.py"), *ROOT.glob("autograder/release/texts/*.md")]):
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".py":
            cells = re.findall(r"^# %% \[markdown\].*\n((?:#.*\n)*)", text, flags=re.MULTILINE)
            text = "\n\n".join(re.sub(r"^# ?", "", cell, flags=re.MULTILINE) for cell in cells)
        for paragraph in re.split(r"\n\s*\n", NO_PROSE.sub("x", text)):
            if "|" not in paragraph:  # tables align their columns
                yield str(path.relative_to(ROOT)), " ".join(paragraph.split())


SOURCES = {
    "sources": sentences_of_sources,
    "assignments": sentences_of_assignments,
    "pages": sentences_of_pages,
}


@pytest.mark.parametrize(("name", "at_least"), [("sources", 250), ("assignments", 400), ("pages", 200)])
def test_every_sentence_is_as_in_print(name: str, at_least: int) -> None:
    found = list(SOURCES[name]())
    assert len(found) > at_least
    assert [(place, wrong, text) for place, text in found if (wrong := faults(text))] == []


@pytest.mark.parametrize(
    ("sentence", "fault"),
    [
        ("взято: conv2d - ячейка 3", "a hyphen for a dash"),
        ("the kernel -- flipped", "a hyphen for a dash"),
        ("«{x}» - не тетрадь", "a hyphen for a dash"),
        ("TypeError: TypeError: no", "the kind of an exception twice"),
        ("stopped with {kind}: {text}", "the kind of an exception twice"),
        ("файл «a не сдан", "half of a pair of quotes or brackets"),
        ("two  spaces", "two spaces"),
        ("60 parameters ({})", "empty brackets"),
        ('слово "ядро"', "straight quotes around Russian words"),
        ("слово , слово", "a space before a full stop or a comma"),
    ],
)
def test_a_fault_is_found(sentence: str, fault: str) -> None:
    assert faults(sentence) == [fault]


@pytest.mark.parametrize(
    "sentence",
    [
        "взято: conv2d — ячейка 3",
        "k = N - 1",
        "a - b",
        "call of super().__init__()",
        'mode="max": максимум',
        "1 − 2",
    ],
)
def test_what_is_right_stays(sentence: str) -> None:
    assert faults(sentence) == []
