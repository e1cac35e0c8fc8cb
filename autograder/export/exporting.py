"""`autograder export`: which file, from which results, by which rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autograder.course.manifest import Manifest
from autograder.errors import UsageError
from autograder.export import canvas, columns, feedback, like, moodle, own_tables, whole
from autograder.export.choices import Format
from autograder.export.counting import Counted, Rule, below_told, count, named, unready
from autograder.export.people import People
from autograder.results.report.page import stored_manifest
from autograder.results.store import Store, write_atomically
from autograder.tables.workbook import made_workbook
from autograder.text import Lang

FOLDER = "exports"


@dataclass(frozen=True)
class Options:
    """What the command was told.

    Args:
        out: the file to write, None for one in `exports` below the results.
        like: the course's own table, of which a copy is filled.
        worksheet, since: as downloaded from the platform, now and earlier.
        column: of the points, in a table of the course or of Canvas; "" for the one called like the assignment.
        anyway: write although marks are missing or results need staff.
    """

    out: Path | None = None
    like: Path | None = None
    worksheet: Path | None = None
    since: Path | None = None
    column: str = ""
    lang: Lang = "en"
    rule: Rule = field(default_factory=Rule)
    anyway: bool = False


@dataclass(frozen=True)
class _Made:
    """Ending of each file's name -> content, the first being the one that `--out` names; sentences; Moodle's grades."""

    contents: dict[str, bytes]
    lines: Sequence[str] = ()
    own: Mapping[str, Sequence[float]] | None = None


def export(folder: Path, format_: Format, options: Options) -> list[str]:
    """Write the file or files, and say what was done, a sentence a line.

    Raises: UsageError: wrong options, a wrong line of what people wrote (also with `anyway`: a mark would be left
    out), results that are not ready, or a table that cannot be filled; StoreError.
    """
    _check(format_, options)
    manifest, store = stored_manifest(folder), Store(folder)
    store.beside(manifest).require()
    marked = store.marked(manifest)
    if not marked:
        raise UsageError(f"{folder} holds no results; give the folder that was --out of `autograder grade`")
    everybody = count(manifest, marked, options.rule)
    waiting = _unready(folder, everybody, anyway=options.anyway)
    if len({one.max_score for one in everybody}) > 1:
        raise UsageError(
            f"the results in {folder} are of different maxima; grade once more, so that all are of one"
        )
    people = People(everybody, store.people().values())
    record = folder / FOLDER / f"{manifest.name}-moodle-written.json"
    made = _make(manifest, people, format_, options, record)
    files = _write(folder, manifest, format_, options, made)
    if made.own is not None:
        write_atomically(record, moodle.own_as_json(made.own))
    unscaled = everybody[0].grade.max_score - sum(
        manifest.task(task).points for task in options.rule.without if not manifest.task(task).bonus
    )
    said = [*waiting, *options.rule.lines(unscaled), *below_told(everybody, options.rule), *made.lines]
    return [*said, *(f"Written: {file}" for file in files)]


def _unready(folder: Path, everybody: Sequence[Counted], *, anyway: bool) -> list[str]:
    """What is exported although somebody waits, in a sentence. Raises: UsageError that says so, unless `anyway`."""
    said = unready(everybody)
    stored = {path.stem for path in (folder / "results").glob("*.json")}
    if lost := sorted(stored - {one.student for one in everybody}):
        said.append(f"{len(lost)} have a result that cannot be read: {named(lost)}")
    if said and not anyway:
        raise UsageError(f"not exported, since {'; '.join(said)}. See to them, or export with --anyway")
    return [f"Exported although {'; '.join(said)}"] if said else []


def _check(format_: Format, options: Options) -> None:
    """Raises: UsageError where an option belongs to another format, or one is missing."""
    if format_ in (Format.moodle, Format.canvas) and options.worksheet is None:
        what = "grading worksheet" if format_ is Format.moodle else "gradebook"
        raise UsageError(f"--format {format_.value} fills in a downloaded {what}: give it with --worksheet")
    wrong = (
        (options.worksheet, (Format.moodle, Format.canvas), "--worksheet"),
        (options.since, (Format.moodle,), "--since"),
        (options.like, (Format.csv, Format.xlsx), "--like"),
        (options.column, (Format.csv, Format.xlsx, Format.canvas), "--column"),
    )
    for value, formats, name in wrong:
        if value and format_ not in formats:
            raise UsageError(f"{name} belongs to --format {' or '.join(one.value for one in formats)}")
    if options.column and format_ is not Format.canvas and options.like is None:
        raise UsageError("--column names a column of the table that --like gives")
    if options.like is not None and (options.like.suffix.lower() in (".xlsx", ".xlsm")) != (
        format_ is Format.xlsx
    ):
        raise UsageError(
            f"{options.like} is filled as what it is: say --format xlsx for a workbook, csv for text"
        )


def _make(manifest: Manifest, people: People, format_: Format, options: Options, record: Path) -> _Made:
    """record: of what earlier exports gave to Moodle. Raises: UsageError."""
    everybody, lang = people.everybody, options.lang
    tail = "" if lang == "en" else f"-{lang}"
    if options.like is not None:
        content, lines = like.fill_like(options.like, manifest, people, options.column)
        return _Made({f"-{options.like.stem}{options.like.suffix}": content}, lines)
    if format_ in (Format.csv, Format.xlsx):
        header, rows = columns.table(manifest, everybody, lang, options.rule.without)
        if format_ is Format.csv:
            return _Made({f"{tail}.csv": own_tables.as_csv(header, rows, lang)})
        return _Made({f"{tail}.xlsx": made_workbook(manifest.title.get(lang), header, rows)})
    if format_ is Format.json:
        return _Made({f"{tail}.json": whole.as_json(manifest, everybody, options.rule, lang)})
    if format_ is Format.canvas and options.worksheet is not None:
        content, lines = canvas.fill_gradebook(options.worksheet, manifest, people, options.column)
        return _Made({"-canvas.csv": content}, lines)
    pages = feedback.student_pages(manifest, everybody)
    if format_ is Format.moodle and options.worksheet is not None:
        filled = moodle.fill_worksheet(options.worksheet, everybody, options.since, moodle.read_own(record))
        files = feedback.as_moodle_zip(pages, filled.students)
        return _Made({"-moodle.csv": filled.content, "-moodle-feedback.zip": files}, filled.lines, filled.own)
    said = f"{len(pages)} pages for {len(everybody)} students; who handed in nothing gets none"
    return _Made({"-feedback.zip": feedback.as_zip(pages)}, [said])


def _write(folder: Path, manifest: Manifest, format_: Format, options: Options, made: _Made) -> list[Path]:
    """Raises: UsageError where a source would be overwritten, StoreError."""
    endings = list(made.contents)
    first = options.out or folder / FOLDER / f"{manifest.name}{endings[0]}"
    paths = [first, *(first.with_name(f"{first.stem}-feedback.zip") for _ in endings[1:])]
    sources = {
        path.resolve() for path in (options.like, options.worksheet, options.since) if path is not None
    }
    for path in paths:
        if path.resolve() in sources:
            raise UsageError(
                f"--out {path} is the table that is filled in; name another file, so that it is kept"
            )
        if path.is_dir():
            raise UsageError(f"--out {path} is a folder; name a file for the {format_.value}")
    for path, content in zip(paths, made.contents.values(), strict=True):
        write_atomically(path, content)
    return paths
