"""What Moodle does with an uploaded worksheet and feedback zip: its documented rules, written down independently.

Sources: mod/assign/feedback/offline (importgradeslib, locallib), mod/assign/feedback/file/importziplib, lib/csvlib and
`unformat_float` of lib/moodlelib. It also writes the worksheet that Moodle offers, as gradingtable.php does.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import PurePosixPath

ENGLISH_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
RUSSIAN_MONTHS = (
    "января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября",
    "декабря",
)  # fmt: skip
SECONDS_OF_GRACE = 60
DECIMALS = 2


class Verdict(StrEnum):
    """What becomes of one row."""

    updated = "updated"
    not_modified = "skipped: the grade is the one that is there"
    no_value = "skipped: no grade"
    modified_since = "skipped: modified since the download"
    locked = "skipped: locked"
    out_of_range = "skipped: above the maximum"
    unknown = "skipped: no participant of this assignment"


class ImportRefusedError(Exception):
    """Moodle takes nothing of the file."""


@dataclass(frozen=True)
class Words:
    """The strings of a language that the importer compares."""

    identifier: str
    grade: str
    modified: str
    participant: str
    decimal: str
    header: tuple[str, ...]
    yes: str
    no: str


WORDS = {
    "en": Words(
        "Identifier", "Grade", "Last modified (grade)", "Participant ", ".",
        ("Identifier", "Full name", "Email address", "Status", "Grade", "Maximum grade", "Grade can be changed",
         "Last modified (submission)", "Online text", "Last modified (grade)", "Feedback comments"),
        "Yes", "No",
    ),
    "ru": Words(
        "Идентификатор", "Оценка", "Последнее изменение (оценка)", "Участник", ",",
        ("Идентификатор", "Полное имя", "Адрес электронной почты", "Состояние", "Оценка", "Максимальная оценка",
         "Оценка может быть изменена", "Последнее изменение (ответ)", "Текст в виде ответа",
         "Последнее изменение (оценка)", "Отзыв в виде комментария"),
        "Да", "Нет",
    ),
}  # fmt: skip


@dataclass
class Participant:
    """One row of the assignment. modified: when the grade was touched last, None where it never was."""

    number: int
    name: str
    email: str = ""
    grade: float | None = None
    modified: datetime | None = None
    is_locked: bool = False
    text: str = ""
    comment: str = ""


class Moodle:
    """One assignment, seen by somebody with this language."""

    def __init__(self, participants: list[Participant], maximum: float, lang: str) -> None:
        self.participants = {one.number: one for one in participants}
        self.maximum, self.words, self.lang = maximum, WORDS[lang], lang

    def worksheet(self, separator: str = ",") -> str:
        """The worksheet for download."""
        rows: list[tuple[str, ...]] = [self.words.header]
        for one in self.participants.values():
            rows.append(
                (
                    f"{self.words.participant}{one.number}", one.name, one.email, "-",
                    "" if one.grade is None else self._formatted(one.grade), self._formatted(self.maximum),
                    self.words.no if one.is_locked else self.words.yes, self._date(datetime(2026, 11, 30, 21, 5)),
                    one.text, self._date(one.modified), one.comment,
                )
            )  # fmt: skip
        return "".join(separator.join(_put(field, separator) for field in row) + "\n" for row in rows)

    def upload(
        self, data: bytes, separator: str = ",", encoding: str = "utf-8", *, ignore_modified: bool = False
    ) -> dict[int, Verdict]:
        """Import it: number of each row's participant -> verdict; grades change where it is `updated`.

        Raises: ImportRefusedError where Moodle takes nothing at all.
        """
        header, records = _csv(data.decode(encoding), separator)
        if any(name not in header for name in (self.words.identifier, self.words.grade, self.words.modified)):
            raise ImportRefusedError("a column is missing")
        verdicts: dict[int, Verdict] = {}
        for record in records:
            row = dict(zip(header, record, strict=True))
            start = len(self.words.participant.encode())
            number = int(row[self.words.identifier].encode()[start:] or b"0")
            one = self.participants.get(number)
            if one is None:
                verdicts[number] = Verdict.unknown
                continue
            grade = unformatted(row[self.words.grade], self.words.decimal)
            verdicts[number] = self._verdict(
                one, grade, _strtotime(row[self.words.modified]), ignore_modified
            )
            if verdicts[number] is Verdict.updated:
                one.grade = grade
        return verdicts

    def _verdict(
        self, one: Participant, grade: float | None, modified: float, ignore_modified: bool
    ) -> Verdict:
        is_touched = one.modified is not None
        if is_touched and one.grade == grade:
            return Verdict.not_modified
        if grade is None or grade < 0:
            return Verdict.no_value
        is_stale = one.modified is not None and one.modified.timestamp() > modified + SECONDS_OF_GRACE
        if is_stale and not ignore_modified:
            return Verdict.modified_since
        if one.is_locked:
            return Verdict.locked
        if grade > self.maximum:
            return Verdict.out_of_range
        return Verdict.updated

    def _formatted(self, value: float) -> str:
        return f"{value:.{DECIMALS}f}".replace(".", self.words.decimal)

    def _date(self, at: datetime | None) -> str:
        if at is None:
            return "-"
        if self.lang == "en":
            return (
                f"{at:%A}, {at.day} {ENGLISH_MONTHS[at.month - 1]} {at.year}, {at.hour % 12 or 12}:{at:%M %p}"
            )
        return f"среда, {at.day} {RUSSIAN_MONTHS[at.month - 1]} {at.year}, {at:%H:%M}"


def unformatted(text: str, decimal: str) -> float | None:
    """A number as PHP reads it: what cannot be read is cut off, so a comma in an English Moodle loses the decimals."""
    if not text.strip():
        return None
    found = re.match(r"[-+]?(?:\d+\.?\d*|\.\d+)", text.strip().replace(" ", "").replace(decimal, "."))
    return float(found[0]) if found else 0.0


def feedback_files(data: bytes, participants: set[int]) -> dict[int, list[tuple[str, str]]]:
    """Number of the participant -> plugin and file of what the feedback importer takes; the rest it ignores."""
    taken: dict[int, list[tuple[str, str]]] = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            path = PurePosixPath(name)
            if name.endswith("/") or path.name.startswith((".", "~")):
                continue
            parts = ["", "import", *path.parts]
            while parts:
                info = parts.pop(0).split("_", 4)
                if len(info) < 4 or not re.fullmatch(r"\d+", info[1]) or int(info[1]) not in participants:
                    continue
                if info[2] not in ("assignfeedback", "assignsubmission") or info[3] != "file":
                    continue
                rest = "/".join([*info[4:], *parts])
                taken.setdefault(int(info[1]), []).append((info[2], rest.lstrip("/")))
                break
    return taken


def _put(field: str, separator: str) -> str:
    """A field as PHP's `fputcsv` writes it."""
    needs_quotes = any(sign in field for sign in (separator, '"', "\n", "\r", "\t", " ", "\\"))
    return '"' + field.replace('"', '""') + '"' if needs_quotes else field


def _csv(text: str, separator: str) -> tuple[list[str], list[list[str]]]:
    """Raises: ImportRefusedError where rows have another number of columns than the header."""
    content = re.sub(r"\r\n?", "\n", text.removeprefix("\ufeff")).strip(" \n\r\0\x0b")
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=separator)
    header, *records = list(reader)
    if len(header) < 2 or any(len(record) != len(header) for record in records):
        raise ImportRefusedError("the number of columns differs")
    return header, records


def _strtotime(text: str) -> float:
    """The moment of an English date; 0, as PHP's false, for any other."""
    for form in ("%A, %d %B %Y, %I:%M %p", "%Y-%m-%d %H:%M"):
        try:
            return datetime.strptime(text, form).timestamp()
        except ValueError:
            continue
    return 0.0
