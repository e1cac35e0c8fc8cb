"""Python that students read, in one of its two languages: public tests, and the code cells of a handout.

The source holds both. A string is a pair, "по-русски / in English"; a comment or a line of a docstring is one too, or
begins with `ru:` or `en:` and stands in the release of that language only. What has no Russian letter stays in both.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autograder.errors import UsageError
from autograder.text import PAIR, Lang, has_russian, in_one

QUOTES = re.compile(r"([A-Za-z]*)(\"\"\"|'''|\"|')")
MARK = re.compile(r"(\s*)(ru|en): ?(.*)", re.DOTALL)
# Between two literals that Python joins into one string.
BETWEEN = (tokenize.NL, tokenize.COMMENT)
FSTRING_START = getattr(tokenize, "FSTRING_START", None)  # from Python 3.12 on an f-string is several tokens
FSTRING_END = getattr(tokenize, "FSTRING_END", None)


@dataclass(frozen=True)
class Literal:
    """A string literal: where it stands in the source, what comes before its text, and its text."""

    start: int
    end: int
    head: str
    quote: str
    body: str

    def with_body(self, body: str) -> str:
        return f"{self.head}{self.quote}{body}{self.quote}"

    @property
    def is_formatted(self) -> bool:
        return "f" in self.head.lower()


@dataclass(frozen=True)
class Edit:
    """The characters from `start` to `end` become `text`."""

    start: int
    end: int
    text: str


def in_language(source: str, lang: Lang, where: str) -> str:
    """The source with comments and strings of one language. where: its name, for messages.

    Raises: UsageError naming the line of a text that cannot be parted.
    """
    if not has_russian(source):
        return source
    starts = [0]
    for text in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(text))
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
        edits = list(_edits(source, tokens, starts, lang))
    except (tokenize.TokenError, SyntaxError) as error:
        raise UsageError(f"{where} is not Python: {error}") from error
    except _NoPair as error:
        line = source.count("\n", 0, error.place) + 1
        raise UsageError(f"{where}, line {line}: {error}") from error
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        source = source[: edit.start] + edit.text + source[edit.end :]
    return source


class _NoPair(Exception):  # noqa: N818 -- becomes a UsageError as soon as its line is known
    """A text that cannot be parted, and where it begins."""

    def __init__(self, place: int, why: str) -> None:
        self.place = place
        super().__init__(why)


def _edits(
    source: str, tokens: Sequence[tokenize.TokenInfo], starts: Sequence[int], lang: Lang
) -> Iterator[Edit]:
    for token in tokens:
        if token.type == tokenize.COMMENT:
            start = starts[token.start[0] - 1] + token.start[1]
            yield from _comment(source, Edit(start, start + len(token.string), token.string), lang)
    for group in _strings(source, tokens, starts):
        if any(has_russian(literal.body) for literal in group):
            is_lines = len(group) == 1 and len(group[0].quote) == 3 and not group[0].is_formatted
            yield from _lines(group[0], lang) if is_lines else _pair(group, lang)


def _comment(source: str, comment: Edit, lang: Lang) -> Iterator[Edit]:
    said = _line(comment.text.removeprefix("#"), lang, comment.start)
    if said is None:
        before = source.rfind("\n", 0, comment.start) + 1
        if source[before : comment.start].strip():  # behind code
            yield Edit(len(source[: comment.start].rstrip(" ")), comment.end, "")
        else:
            yield Edit(before, min(comment.end + 1, len(source)), "")
    elif f"#{said}" != comment.text:
        yield Edit(comment.start, comment.end, f"#{said}")


def _line(text: str, lang: Lang, place: int) -> str | None:
    """A comment or a line of a docstring, None where it is in the other language."""
    mark = MARK.fullmatch(text)
    if mark is not None:
        return f"{mark[1]}{mark[3]}" if mark[2] == lang else None
    space = text[: len(text) - len(text.lstrip())]
    said = space + in_one(text.strip(), lang) + text[len(text.rstrip()) :] if text.strip() else text
    if lang == "en" and has_russian(said):
        raise _NoPair(
            place, f"there is no English for {text.strip()!r}; write 'ru / en', or lines ru: and en:"
        )
    return said


def _lines(literal: Literal, lang: Lang) -> Iterator[Edit]:
    """A docstring, line by line; a single line that is left becomes a docstring of one line."""
    lines = [_line(line, lang, literal.start) for line in literal.body.split("\n")]
    kept = [line for line in lines if line is not None]
    full = [line.strip() for line in kept if line.strip()]
    if not full:
        raise _NoPair(literal.start, f"nothing is left of it in {lang!r}: {literal.body.strip()!r}")
    if len(full) == 1:
        kept = full
    elif lines[0] is None:
        kept[0] = kept[0].lstrip()
    body = "\n".join(kept)
    if body != literal.body:
        yield Edit(literal.start, literal.end, literal.with_body(body))


def _pair(group: Sequence[Literal], lang: Lang) -> Iterator[Edit]:
    """One string, of one or more literals."""
    places = [(number, place) for number, one in enumerate(group) for place in _separators(one)]
    if not places and lang == "ru":
        return
    whole = "".join(one.body for one in group)
    if len(places) != 1:
        raise _NoPair(group[0].start, f"write a string as one pair, 'ru / en': {whole!r}")
    (number, place) = places[0]
    body = group[number].body
    left = [*(one.body for one in group[:number]), body[:place]]
    right = [body[place + len(PAIR) :], *(one.body for one in group[number + 1 :])]
    if has_russian(_plain("".join(right))) or not has_russian("".join(left)):
        raise _NoPair(group[0].start, f"the first half is Russian, the second English: {whole!r}")
    if any(one.is_formatted for one in group) and _num_fields(left) != _num_fields(right):
        raise _NoPair(group[0].start, f"both halves show as many values: {whole!r}")
    half = (
        zip(group[: number + 1], left, strict=True)
        if lang == "ru"
        else zip(group[number:], right, strict=True)
    )
    kept = list(half)
    kept = [(one, text) for one, text in kept if text] or kept[:1]
    yield Edit(group[0].start, kept[0][0].start, "")
    yield from (Edit(one.start, one.end, one.with_body(text)) for one, text in kept)
    yield Edit(kept[-1][0].end, group[-1].end, "")


def _separators(literal: Literal) -> Iterator[int]:
    """Places of " / " outside of what an f-string computes."""
    text = _plain(literal.body) if literal.is_formatted else literal.body
    at = text.find(PAIR)
    while at >= 0:
        yield at
        at = text.find(PAIR, at + 1)


def _plain(body: str) -> str:
    """The text with each {value} made as many stars, so that places stay."""
    depth, plain = 0, []
    for sign in body:
        depth -= sign == "}"
        plain.append("*" if depth > 0 or sign in "{}" else sign)
        depth += sign == "{"
    return "".join(plain)


def _num_fields(bodies: Sequence[str]) -> int:
    """How many values an f-string shows."""
    return len(re.findall(r"\*+", _plain("".join(bodies).replace("*", ""))))


def _strings(
    source: str, tokens: Sequence[tokenize.TokenInfo], starts: Sequence[int]
) -> Iterator[list[Literal]]:
    """Literals that Python joins, together."""
    group: list[Literal] = []
    depth, begin = 0, 0
    for token in tokens:
        start = starts[token.start[0] - 1] + token.start[1]
        end = starts[token.end[0] - 1] + token.end[1]
        if FSTRING_START is not None and token.type == FSTRING_START:
            begin = start if depth == 0 else begin
            depth += 1
        elif FSTRING_END is not None and token.type == FSTRING_END:
            depth -= 1
            if depth == 0:
                group.append(_literal(source, begin, end))
        elif depth == 0 and token.type == tokenize.STRING:
            group.append(_literal(source, start, end))
        elif depth == 0 and token.type not in BETWEEN and group:
            yield group
            group = []


def _literal(source: str, start: int, end: int) -> Literal:
    text = source[start:end]
    found = QUOTES.match(text)
    assert found is not None, text
    head, quote = found[1], found[2]
    return Literal(start, end, head, quote, text[len(head) + len(quote) : -len(quote)])
