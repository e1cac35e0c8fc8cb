"""What a student gets to read: the page that the report made, or the same in plain sentences; a file each."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from autograder.course.manifest import Manifest
from autograder.errors import UsageError
from autograder.export.counting import Counted, named, plain
from autograder.results.grade import TaskResult
from autograder.text import Lang, Text, number, points
from autograder.wire.safe_text import clean_line, clean_text

PAGES = Path("report") / "students"
# A page that is older than one of these may tell other points than the table.
BESIDE = ("manual.csv", "overrides.csv", "voids.csv")
EPOCH = (1980, 1, 1, 0, 0, 0)
NO_NAME = re.compile(r"[^\w\s.-]|_")
TOTAL = Text(ru="Итог: {score} из {maximum}", en="Total: {score} of {maximum}")
TASK = Text(ru="{id} {title}: {score} из {maximum}", en="{id} {title}: {score} of {maximum}")
NO_MARK = Text(ru="ещё не оценено", en="not marked yet")
DECIDED = Text(ru="Решение преподавателя: {reason}", en="A decision of staff: {reason}")


def files(
    out: Path, manifest: Manifest, everybody: Iterable[Counted], *, anyway: bool
) -> dict[str, tuple[str, bytes]]:
    """Student -> ending and content of their file; nobody who has handed in nothing.

    Raises: UsageError where a page is older than what it tells of, unless `anyway`, or cannot be read.
    """
    made: dict[str, tuple[str, bytes]] = {}
    old: list[str] = []
    for one in everybody:
        if one.grade.status == "missing":
            continue
        page = out / PAGES / f"{one.student}.html"
        try:
            content = page.read_bytes()
        except FileNotFoundError:
            made[one.student] = ("txt", as_text(manifest, one).encode("utf-8"))
            continue
        except OSError as error:
            raise UsageError(f"cannot read {page}: {error.strerror}") from error
        if _is_old(out, page, one.student):
            old.append(one.student)
        made[one.student] = ("html", content)
    if old and not anyway:
        raise UsageError(
            f"pages are older than the results or the marks they tell of: {named(old)}; run `autograder report {out}`, "
            "or export with --anyway"
        )
    return made


def as_zip(contents: Mapping[str, tuple[str, bytes]]) -> bytes:
    """A zip with `<student>.html` or `<student>.txt` for each."""
    return _zip({f"{student}.{ending}": content for student, (ending, content) in contents.items()})


def as_moodle_zip(
    contents: Mapping[str, tuple[str, bytes]], students: Mapping[str, tuple[str, Counted]]
) -> bytes:
    """A zip for "Upload multiple feedback files in a zip": a folder a participant, known by the number in its name."""
    entries: dict[str, bytes] = {}
    for participant, (name, one) in students.items():
        if one.student in contents:
            ending, content = contents[one.student]
            # The importer splits at underscores: none may stand in the name.
            plain_name = " ".join(NO_NAME.sub(" ", name).split()).lstrip(".") or "Participant"
            entries[f"{plain_name}_{participant}_assignfeedback_file_/feedback.{ending}"] = content
    return _zip(entries)


def as_text(manifest: Manifest, one: Counted) -> str:
    """The points of one student with the sentences of what was lost, in the language of the grade."""
    lang = one.grade.lang
    lines = [
        manifest.title.get(lang),
        TOTAL.get(lang).format(score=number(one.score, lang), maximum=points(one.max_score, lang)),
    ]
    lines += filter(None, (one.marked.late.line(lang), one.grade.reason, *one.grade.notes))
    for task in one.grade.tasks:
        if task.id in one.scores:
            lines += ["", *_task(task, one, lang)]
    return clean_text("\n".join([*lines, ""]))


def _task(task: TaskResult, one: Counted, lang: Lang) -> list[str]:
    score = one.scores[task.id]
    shown = NO_MARK.get(lang) if score is None else number(score, lang)
    lines = [
        TASK.get(lang).format(id=task.id, title=task.title, score=shown, maximum=points(task.max_score, lang))
    ]
    lines += filter(None, (task.message, task.multiplier.message if task.multiplier else ""))
    for test in task.tests:
        if test.points < test.max_points:
            lost = number(float(plain(test.max_points - test.points)), lang)
            lines.append(f"−{lost}: {test.message}")
    lines += (diagnosis.message for diagnosis in task.diagnosis)
    for row in one.marked.rows.get(task.id, ()):
        if row.points is not None:
            remarks = " ".join(clean_line(mark.remark) for mark in row.marks if mark.remark)
            lines.append(f"{row.row.sentence.get(lang)} {points(row.points, lang)}. {remarks}".rstrip())
    if (decision := one.marked.decisions.get(task.id)) is not None:
        lines.append(DECIDED.get(lang).format(reason=clean_line(decision.reason)))
    return lines


def _is_old(out: Path, page: Path, student: str) -> bool:
    made = page.stat().st_mtime
    sources = [out / "results" / f"{student}.json", *(out / name for name in BESIDE)]
    return any(source.stat().st_mtime > made for source in sources if source.exists())


def _zip(entries: Mapping[str, bytes]) -> bytes:
    """The same bytes for the same entries."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            info = zipfile.ZipInfo(name, EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, content)
    return stream.getvalue()
