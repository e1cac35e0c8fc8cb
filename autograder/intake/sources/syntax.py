"""The sentence for code that does not compile: its place, its line and, where it is known, the reason behind it."""

from __future__ import annotations

from autograder.intake.sources.damage import conflict_line
from autograder.intake.sources.magics import TooManyMagicsError
from autograder.intake.sources.python_versions import RUNNING, is_newer, newer_syntax, shown
from autograder.intake.uploads.names import printable
from autograder.text import Text


def syntax_text(
    place: Text,
    error: SyntaxError | RecursionError,
    source: str = "",
    first_line: int = 1,
    python: str | None = None,
) -> Text:
    """The bilingual sentence for code that does not compile, or is too much for those who read it.

    source: the code; its first line is line `first_line` of what the student knows. python: the version that the
    notebook says it was run with.
    """
    conflict = conflict_line(source)
    if conflict is not None:
        line = first_line + conflict - 1
        return Text(
            ru=f"{place.ru}: остался конфликт слияния git в строке {line} (<<<<<<<); оставьте один вариант и удалите "
            "пометки",
            en=f"{place.en}: a merge conflict of git in line {line} (<<<<<<<); keep one version and delete the marks",
        )
    if isinstance(error, TooManyMagicsError):
        return Text(
            ru=f"{place.ru}: не прочитано, магических команд (%, !, ?) в работе слишком много; удалите лишние",
            en=f"{place.en}: not read, there are too many magics (%, !, ?) in the work; delete those that it can do "
            "without",
        )
    newer = newer_syntax(source) if isinstance(error, SyntaxError) else None
    if newer is not None:
        line, wanted = first_line + newer.line - 1, shown(newer.version)
        return Text(
            ru=f"{place.ru}: в строке {line} нужен Python {wanted}, а проверка идёт на Python {shown(RUNNING)} "
            f"({newer.what.ru})",
            en=f"{place.en}: line {line} needs Python {wanted}, the grader runs Python {shown(RUNNING)} "
            f"({newer.what.en})",
        )
    if not isinstance(error, SyntaxError) or error.lineno is None:
        what = printable((error.msg if isinstance(error, SyntaxError) else "") or "nested too deeply")
        return Text(
            ru=f"{place.ru}: код не читается ({what}); упростите его",
            en=f"{place.en}: the code cannot be read ({what}); make it simpler",
        )
    line = first_line + error.lineno - 1
    what = printable(error.msg or "invalid syntax")
    ru = f"{place.ru}: синтаксическая ошибка в строке {line} ({what})"
    en = f"{place.en}: syntax error in line {line} ({what})"
    if python is not None and is_newer(python):
        ru += (
            f"; тетрадь выполнялась на Python {printable(python)}, а проверка идёт на Python {shown(RUNNING)}"
        )
        en += (
            f"; the notebook was run with Python {printable(python)}, the grader runs Python {shown(RUNNING)}"
        )
    return Text(ru=ru, en=en)
