"""Search a finished bundle for what students must not get: solutions, hidden tests, hidden images, planted
bugs, rubrics and model answers.

The scan looks at the finished files, whatever made them, so a mistake anywhere before it does not get out. Whose bodies
must be empty it finds out anew, from the record of the package's own tasks: an edition that forgot one is found.
"""

from __future__ import annotations

import ast
import io
import json
import re
import zipfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

from autograder.course.assignment import Assignment, package_root
from autograder.course.edition import body_range, find_definition, functions_of, read_package
from autograder.course.manifest import Manifest
from autograder.course.ownership import AssignmentSymbols, recorded
from autograder.course.source_edit import Function, bound_names, parse_module
from autograder.course.symbol import Symbol
from autograder.errors import UsageError
from autograder.text import LANGS, Text

TEXT_SUFFIXES = (".py", ".ipynb", ".md", ".json", ".toml", ".txt", ".yaml", ".cfg")
MIN_LINE, MIN_WORDS = 30, 3
# Hidden tests and planted bugs may have a line in common with code that students get; three, or a long one,
# is a leak.
FEW_LINES, LONG_LINE = 3, 60
ROWS, ANCHOR = 10, 8
# The library that public and hidden tests share is in every bundle: a line of it is no secret.
HELPERS_OF_TESTS = Path(__file__).parents[1] / "testing.py"
IDENTIFIER = re.compile(r"[^\W\d]\w*")
AnchorsIn: TypeAlias = Callable[[bytes], set[bytes]]
SENTENCE_END = re.compile(r"(?<=[.!?:;])\s+")
PLAIN_LINE = re.compile(r"(def |class |@|import |from |#|\"\"\"|return$|assert_close\()")


class LeakError(UsageError):
    """The bundle holds a secret: nothing is released."""


@dataclass(frozen=True)
class Secrets:
    """What must not be found.

    Lines are stripped and lead to the file they are from. images: some rows of an image -> (eight bytes of
    them, origin). staff_sentences: of rubrics and model answers, as `staff_sentences` gives them.
    """

    body_lines: Mapping[str, str] = field(default_factory=dict)
    helper_names: frozenset[str] = frozenset()
    test_lines: Mapping[str, str] = field(default_factory=dict)
    wrong_lines: Mapping[str, str] = field(default_factory=dict)
    images: Mapping[bytes, tuple[bytes, str]] = field(default_factory=dict)
    guarded: tuple[Symbol, ...] = ()
    staff_sentences: Mapping[str, str] = field(default_factory=dict)


def secrets_of(assignment: Assignment) -> Secrets:
    """All that a bundle of this assignment must not hold."""
    reference = read_package(package_root())
    secrets = collect(assignment.folder, reference, assignment.edition, guarded(assignment))
    return replace(secrets, staff_sentences=staff_sentences((assignment.whole, *assignment.neighbours)))


def staff_sentences(manifests: Iterable[Manifest]) -> dict[str, str]:
    """Sentences of rubrics and model answers, in one line each, that stand in no public text -> what they are of."""
    rows = [(task, row) for one in manifests for task in one.tasks for row in task.rows]
    public = {sentence for _, row in rows for text in _both(row.sentence) for sentence in _sentences(text)}
    found: dict[str, str] = {}
    for task, row in rows:
        for what, own in (("rubric", row.rubric), ("model answer", row.answer)):
            for text in _both(own):
                origin = f"the {what} of {task.id}, row {row.id}"
                found |= {
                    sentence: origin
                    for sentence in _sentences(text)
                    if sentence not in public and _is_telling(sentence)
                }
    return found


def _both(text: Text) -> tuple[str, ...]:
    return tuple(text.get(lang) for lang in LANGS)


def _sentences(text: str) -> list[str]:
    return SENTENCE_END.split(_one_line(text))


def _one_line(text: str) -> str:
    return " ".join(text.split())


def guarded(assignment: Assignment) -> tuple[Symbol, ...]:
    """Symbols whose bodies no file of its bundle may hold: tasks of all assignments that it does not provide."""
    provided = assignment.manifest.provides
    course = [AssignmentSymbols.of(one) for one in (assignment.whole, *assignment.neighbours)]
    mine = [one for one in course if one.name == assignment.name]
    kept = [one for one in course if one.name not in provided]
    given = {symbol for one in course if one.name in provided for symbol in one.symbols}
    own = [symbol for one in recorded() if one.name not in provided for symbol in one.symbols]
    asked = [symbol for one in (*mine, *kept) for symbol in one.symbols]
    return tuple(dict.fromkeys([*asked, *(symbol for symbol in own if symbol not in given)]))


def collect(
    assignment: Path,
    reference: Mapping[str, bytes],
    edition: Mapping[str, bytes],
    guarded: Collection[Symbol],
) -> Secrets:
    """The secrets of an assignment folder, bodies of guarded symbols, and what the edition lost of the reference."""
    body: dict[str, str] = _guarded_lines(reference, guarded)
    helpers: set[str] = set()
    known = {line for name, data in edition.items() if name.endswith(".py") for line in _lines(data.decode())}
    remaining = {
        word
        for name, data in edition.items()
        if name.endswith(".py")
        for word in IDENTIFIER.findall(data.decode())
    }
    for name, data in reference.items():
        if name.endswith(".py") and edition.get(name) != data:
            body |= {line: name for line in _significant(data.decode()) if line not in known}
            helpers |= _definitions(data.decode()) - remaining
    shared = _lines(HELPERS_OF_TESTS.read_text(encoding="utf-8"))
    hidden = sorted((assignment / "hidden").rglob("*.py"))
    wrong = sorted((assignment / "wrong").rglob("*.py"))
    return Secrets(
        body_lines=body,
        helper_names=frozenset(helpers),
        test_lines=_lines_of(hidden, known.union(shared)),
        wrong_lines=_lines_of(wrong, known | set(body)),
        images=_image_rows(sorted((assignment / "hidden").rglob("*.npz"))),
        guarded=tuple(guarded),
    )


def _guarded_lines(reference: Mapping[str, bytes], guarded: Collection[Symbol]) -> dict[str, str]:
    """Lines of the bodies of these symbols that stand nowhere else in the reference."""
    rest = {name: data.decode().split("\n") for name, data in reference.items() if name.endswith(".py")}
    found: list[tuple[str, str]] = []
    for symbol in guarded:
        source = reference.get(symbol.file, b"").decode()
        lines = source.split("\n")
        for function in _functions(source, symbol):
            start, end = body_range(function, lines)
            found += [(line, symbol.file) for line in _significant("\n".join(lines[start:end]))]
            rest[symbol.file][start:end] = [""] * (end - start)
    known = {line.strip() for lines in rest.values() for line in lines}
    return {line: name for line, name in found if line not in known}


def _functions(source: str, symbol: Symbol) -> list[Function]:
    """The functions that a symbol consists of; none where the module does not hold it."""
    try:
        return functions_of(find_definition(source, symbol.local))
    except UsageError:
        return []


def _definitions(source: str) -> set[str]:
    """Names of functions, classes and constants of a module, imports left out."""
    tree = parse_module(source)
    return bound_names(
        ast.Module([node for node in tree.body if not isinstance(node, ast.Import | ast.ImportFrom)], [])
    )


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n")]


def _significant(text: str) -> list[str]:
    """Lines that nobody writes by chance: long enough, of several words, no signature, no import."""
    return [line for line in _lines(text) if _is_telling(line) and not PLAIN_LINE.match(line)]


def _is_telling(line: str) -> bool:
    return len(line) >= MIN_LINE and len(set(IDENTIFIER.findall(line))) >= MIN_WORDS


def _lines_of(paths: Iterable[Path], known: Collection[str]) -> dict[str, str]:
    origins: dict[str, str] = {}
    for path in paths:
        for line in _significant(path.read_text(encoding="utf-8")):
            if line not in known:
                origins.setdefault(line, path.name)
    return origins


def _image_rows(paths: Iterable[Path]) -> dict[bytes, tuple[bytes, str]]:
    """For every hidden image its rows with the most ink: long enough that no other image has them."""
    import numpy as np

    anchors: dict[bytes, tuple[bytes, str]] = {}
    for path in paths:
        with np.load(path, allow_pickle=False) as arrays:
            for name in arrays.files:
                array = arrays[name]
                if array.ndim < 3 or array.dtype != np.uint8:
                    continue
                for number, image in enumerate(array.reshape(-1, *array.shape[-2:])):
                    ink = (image > 0).sum(1)
                    sums = [int(ink[row : row + ROWS].sum()) for row in range(len(ink) - ROWS + 1)]
                    row = max(range(len(sums)), key=sums.__getitem__)
                    origin = f"{path.name}, image {number}"
                    anchors[image[row : row + ROWS].tobytes()] = (_anchor(image[row : row + ROWS]), origin)
    return anchors


def scan(files: Mapping[str, bytes], secrets: Secrets) -> None:
    """Search the files of a bundle. Raises: LeakError naming the file and what was found in it."""
    anchors_in = anchor_finder({anchor for anchor, _ in secrets.images.values()})
    for name, data in sorted(files.items()):
        parts = name.split("/")
        if "wrong" in parts or "hidden" in parts or parts[-1] in ("variants.toml", "assignment.toml"):
            raise LeakError(f"leak: {name} must not be in the bundle")
        if name.endswith(TEXT_SUFFIXES):
            _scan_text(name, data, secrets)
        _scan_bytes(name, data, secrets, anchors_in)
    for symbol in secrets.guarded:
        for function in _functions(files.get(symbol.file, b"").decode(), symbol):
            if not _is_empty(function):
                raise LeakError(
                    f"leak: {symbol.file} holds the body of {function.name}, which {symbol} asks students to write"
                )


def _is_empty(function: Function) -> bool:
    """Whether it holds at most a docstring and one `raise NotImplementedError(...)`."""
    rest = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return len(rest) == 1 and ast.unparse(rest[0]).startswith("raise NotImplementedError(")


def _scan_text(name: str, data: bytes, secrets: Secrets) -> None:
    text = "\n".join(_strings(name, data))
    lines = set(_lines(text))
    for line, origin in secrets.body_lines.items():
        if line in lines or line in text:
            raise LeakError(f"leak: {name} holds a line of the solution in {origin}: {line!r}")
    if not name.startswith("autograder/"):
        for word in sorted(secrets.helper_names & set(IDENTIFIER.findall(text))):
            raise LeakError(f"leak: {name} names {word!r}, a helper of the reference solution")
    flat = _one_line(text) if secrets.staff_sentences else ""
    for sentence, origin in secrets.staff_sentences.items():
        if sentence in flat:
            raise LeakError(f"leak: {name} holds a sentence of {origin}: {sentence!r}")
    tests = sorted(lines & set(secrets.test_lines))
    telling = not name.startswith(("public/", "autograder/")) and any(
        len(line) >= LONG_LINE for line in tests
    )
    if telling or len(tests) >= FEW_LINES:
        raise LeakError(
            f"leak: {name} holds source of the hidden {secrets.test_lines[tests[0]]}: {tests[0]!r}"
        )
    wrong = sorted(lines & set(secrets.wrong_lines))
    if len(wrong) >= FEW_LINES:
        raise LeakError(
            f"leak: {name} holds source of the planted bug {secrets.wrong_lines[wrong[0]]}: {wrong[0]!r}"
        )


def _strings(name: str, data: bytes) -> Iterator[str]:
    """The text of a file; of JSON (notebooks too) every string in it, because there line ends are escaped."""
    text = data.decode(errors="replace")
    if not name.endswith((".ipynb", ".json")):
        yield text
        return
    pending: list[Any] = [json.loads(text)]
    while pending:
        value = pending.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            pending += [*value.keys(), *value.values()]
        elif isinstance(value, list):
            if value and all(isinstance(item, str) for item in value):
                yield "".join(value)
            pending += value


def _scan_bytes(name: str, data: bytes, secrets: Secrets, anchors_in: AnchorsIn) -> None:
    for blob in _blobs(name, data):
        present = anchors_in(blob)
        for rows, (anchor, origin) in secrets.images.items() if present else ():
            if anchor in present and rows in blob:
                raise LeakError(f"leak: {name} holds a hidden image ({origin})")


def _anchor(rows: Any) -> bytes:
    """Eight bytes of the most varied row: a quick test whether the rest needs to be looked for.

    rows: (ROWS, W) uint8.
    """
    line: bytes = max((row.tobytes() for row in rows), key=lambda row: len(set(row)))
    start = min(len(line) - len(line.lstrip(b"\0")), max(0, len(line) - ANCHOR))
    return line[start : start + ANCHOR]


def anchor_finder(anchors: set[bytes]) -> AnchorsIn:
    """A function that gives those of the anchors (`ANCHOR` bytes each) that occur anywhere in some bytes."""
    import numpy as np

    wanted = np.frombuffer(b"".join(sorted(anchors)), dtype=np.uint64)
    # Few of the words in a file begin as an anchor does, and only those are compared with all anchors.
    begins = np.zeros(1 << 16, dtype=bool)
    begins[wanted.view(np.uint16)[:: ANCHOR // 2]] = True

    def anchors_in(blob: bytes) -> set[bytes]:
        seen: set[bytes] = set()
        for shift in range(min(ANCHOR, len(blob) - ANCHOR + 1) if anchors else 0):
            words = np.frombuffer(blob, np.uint64, count=(len(blob) - shift) // ANCHOR, offset=shift)
            likely = words[begins[words.view(np.uint16)[:: ANCHOR // 2]]]
            seen |= {word.tobytes() for word in wanted[np.isin(wanted, likely)]}
        return seen

    return anchors_in


def _blobs(name: str, data: bytes) -> Iterator[bytes]:
    """The bytes of a file, unpacked where it is a zip (.npz is one)."""
    yield data
    if zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.namelist():
                yield from _blobs(f"{name}/{member}", archive.read(member))
