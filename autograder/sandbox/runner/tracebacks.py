"""A student's exception as text for the student: their lines, the border to a library, no path of this machine."""

from __future__ import annotations

import linecache
import re
import traceback
from collections.abc import Callable, Mapping
from itertools import zip_longest
from pathlib import PurePath
from types import FrameType, TracebackType

MAX_MESSAGE = 2000
MAX_FRAMES = 12
MAX_LINE = 160
MAX_FRAME = 500
# Its own lines, such as `_wrapped_call_impl`, tell a student nothing that the call above them does not.
WELL_KNOWN = "torch/"
# What Python adds to "cannot import name 'a' from 'b'": a path of this machine.
PLACE = re.compile(r" \((?:unknown location|[^()]*[/\\][^()]*)\)$")


def remember_source(filename: str, source: str) -> None:
    """Let tracebacks, and code that reads code, see lines that are in no file.

    Blank lines stand for what was remembered before: the statements of a cell come one by one.
    """
    before = linecache.cache.get(filename)
    known = list(before[2]) if before is not None and len(before) > 1 else []
    lines = [
        line if line.strip() else older
        for line, older in zip_longest(f"{source}\n".splitlines(keepends=True), known, fillvalue="\n")
    ]
    linecache.cache[filename] = (sum(map(len, lines)), None, lines, filename)


def type_name(value: object) -> str:
    """The name of a value's type; a metaclass cannot make it raise."""
    name: str = type.__dict__["__name__"].__get__(type(value))
    return name[:100]


def safe_text(value: object, convert: Callable[[object], object] = str) -> str:
    """`str(value)`, or a note if that raises. Cut at `MAX_MESSAGE` characters."""
    try:
        text = convert(value)
        if type(text) is not str:
            return f"<the text of this {type_name(value)} is no str>"
    except BaseException:
        return f"<the text of this {type_name(value)} cannot be made>"
    return text if len(text) <= MAX_MESSAGE else text[: MAX_MESSAGE - 1] + "…"


def describe(error: BaseException, shown_name: Callable[[str], str | None]) -> Mapping[str, str | int]:
    """Type, cleaned traceback, first and last own line of an exception, and what was not there.

    `shown_name` maps a frame's file to the name that a student knows it by, or None if it is not theirs.
    """
    kind = type_name(error)
    trace = None
    try:
        # Not `error.__traceback__`: its class may define that, too.
        trace = BaseException.__dict__["__traceback__"].__get__(error)
        lines = [*_frames(trace, shown_name), *_syntax_lines(error, shown_name)]
    except BaseException:
        lines = []
    # Names of functions and files can be made as long as one likes; a frame has room for a megabyte.
    lines = [line[:MAX_FRAME] for line in lines]
    message = safe_text(error)
    if isinstance(error, ImportError):
        message = PLACE.sub("", message)
    last = f"{kind}: {message}" if message else kind
    head = ["Traceback (most recent call last):"] if lines else []
    said = {"type": kind, "message": message, "text": "\n".join([*head, *lines, last])}
    try:
        own = _own_lines(trace, shown_name)
        file, last_line = own[-1] if own else ("", 0)
        first_line = own[0][1] if own else 0
        return {
            **said, "name": _missing_name(error), "line": first_line, "file": file, "last_line": last_line,
        }  # fmt: skip
    except BaseException:  # its class may define these, too
        return said


def _own_lines(trace: TracebackType | None, shown_name: Callable[[str], str | None]) -> list[tuple[str, int]]:
    """File, as a student knows it, and line of each of their calls."""
    names = [(shown_name(frame.f_code.co_filename), line) for frame, line in _walk(trace)]
    return [(name[:MAX_FRAME], line) for name, line in names if name]


def _missing_name(error: BaseException) -> str:
    """The name that is not defined, the module that is not there, the file that was not found; else ""."""
    if isinstance(error, NameError | ImportError):
        name = error.name
    elif isinstance(error, FileNotFoundError):
        name = error.filename
    else:
        return ""
    return name[:MAX_LINE] if type(name) is str else ""


def _frames(trace: TracebackType | None, shown_name: Callable[[str], str | None]) -> list[str]:
    entries: list[list[str]] = []
    ours = False  # whether the frame before was the student's: then a library's first frame is the border
    for frame, line in _walk(trace):
        filename = frame.f_code.co_filename
        name = shown_name(filename)
        if name is not None:
            entries.append(_entry(name, filename, line, frame.f_code.co_name))
            ours = True
        elif ours:
            library = _library(filename)
            if not library.startswith(WELL_KNOWN):
                entries.append([f'  File "{library}", line {line}, in {frame.f_code.co_name}'])
            ours = False
    if len(entries) > MAX_FRAMES:
        half = MAX_FRAMES // 2
        entries = [*entries[:half], [f"  ... {len(entries) - 2 * half} more calls ..."], *entries[-half:]]
    return [line for entry in entries for line in entry]


def _walk(trace: TracebackType | None) -> list[tuple[FrameType, int]]:
    frames = []
    while trace is not None:
        frames.append((trace.tb_frame, trace.tb_lineno))
        trace = trace.tb_next
    return frames


def _entry(name: str, filename: str, line: int, function: str) -> list[str]:
    entry = [f'  File "{name}", line {line}, in {function}']
    source = linecache.getline(filename, line).strip()
    return [*entry, f"    {source[:MAX_LINE]}"] if source else entry


def _library(filename: str) -> str:
    parts = PurePath(filename).parts
    for marker in ("site", "site-packages", "dist-packages"):
        if marker in parts:
            return "/".join(parts[len(parts) - parts[::-1].index(marker) :])
    return PurePath(filename).name


def _syntax_lines(error: BaseException, shown_name: Callable[[str], str | None]) -> list[str]:
    """Where a SyntaxError is: it has no frame of its own."""
    if not isinstance(error, SyntaxError) or type(error.filename) is not str:
        return []
    name = shown_name(error.filename) or _library(error.filename)
    error.filename = name
    lines = list(traceback.TracebackException(type(error), error, None).format_exception_only())
    error.filename = None  # otherwise str(error) repeats the place
    return [line.rstrip("\n") for line in lines[:-1]]
