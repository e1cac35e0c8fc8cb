"""`autograder nbgrader-setup`: releases as sources of a course of nbgrader, and settings by which our marks count."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from autograder.course.assignment import Assignment
from autograder.errors import StoreError, UsageError
from autograder.gradebook.course_folder import CONFIG, open_course
from autograder.release.bundle import MARKER, release_assignment
from autograder.results.store import write_atomically
from autograder.text import Lang

OWN_CONFIG = "autograder_config.py"
LOADING = f'load_subconfig("{OWN_CONFIG}")'
NEW_CONFIG = 'c = get_config()\nc.CourseDirectory.course_id = "{course}"\n'
SETTINGS = '''"""Written by `autograder nbgrader-setup`, anew each time; your own settings belong into {config}."""

from pathlib import Path

from nbconvert.preprocessors import ClearMetadataPreprocessor
from nbgrader.preprocessors import CheckCellMetadata, IgnorePattern, LimitOutput

from autograder.gradebook.steps import KeepPenalties, SaveResults, TakeResults

c = get_config()
source = Path({source!r})

# The results by which the marks of these assignments count.
c.AutograderResults.results = {results}

# `nbgrader autograde` takes these results and runs no cell of a student. Other assignments of the course are graded as
# nbgrader does it.
c.Autograde.autograde_preprocessors = [
    TakeResults,
    IgnorePattern,
    ClearMetadataPreprocessor,
    LimitOutput,
    SaveResults,
    KeepPenalties,
    CheckCellMetadata,
]

# nbgrader would put the files of `source` in the place of those that students have changed and handed in.
c.Autograde.exclude_overwriting = {{
    name: [path.relative_to(source / name).as_posix() for path in (source / name).rglob("*") if path.is_file()]
    for name in c.AutograderResults.results
}}

# `nbgrader validate` runs cells; some train a network, for which 30 seconds are not enough, nor 4 on a busy machine.
c.Execute.timeout = 600
c.Execute.iopub_timeout = 60
'''


def set_up(
    course: Path, assignments: Sequence[Assignment], lang: Lang, grades: Path | None = None
) -> list[str]:
    """Put the releases into `source` and write the settings; says what was done, a sentence a line.

    Args:
        course: made where it is not there.
        grades: the folder that holds, or will hold, a folder of results for each assignment; `grades` in the course
            where none is given.

    Raises: UsageError where the settings cannot be read, or a source was changed by hand; LeakError; StoreError.
    """
    if course.exists() and not course.is_dir():
        raise UsageError(f"{course} is a file; name the folder of a course")
    lines: list[str] = []
    path = course / CONFIG
    if not path.exists():
        write_atomically(path, NEW_CONFIG.format(course=course.resolve().name).encode("utf-8"))
        lines.append(f"{path}: made")
    opened = open_course(course)
    source = Path(opened.directory.format_path(opened.directory.source_directory, ".", "."))
    source.mkdir(parents=True, exist_ok=True)
    for assignment in assignments:
        lines += release_assignment(assignment, source / assignment.name, lang)[:2]
    known = sorted(path.parent.name for path in source.glob(f"*/{MARKER}"))
    folder = (grades or course / "grades").resolve()
    results = {name: str(folder / name) for name in known}
    write_atomically(course / OWN_CONFIG, _settings(source, results).encode("utf-8"))
    lines.append(f"{course / OWN_CONFIG}: `nbgrader autograde` takes the marks of {', '.join(known)}")
    if _load_from(path):
        lines.append(f"{path}: loads it in its last line")
    for one in assignments:
        part = f" --tasks {','.join(one.manifest.chosen)}" if one.manifest.chosen else ""
        lines.append(
            f"next: nbgrader generate_assignment {one.name}; with the work in `submitted`: autograder grade "
            f"{one.name} {course / 'submitted'} --out {folder / one.name} --lang {lang}{part}"
        )
    return lines


def _settings(source: Path, results: dict[str, str]) -> str:
    listed = "".join(f"    {name!r}: {where!r},\n" for name, where in results.items())
    return SETTINGS.format(config=CONFIG, source=str(source.resolve()), results=f"{{\n{listed}}}")


def _load_from(path: Path) -> bool:
    """Have the course's settings load ours, last, unless they do; whether a line was added. Raises: StoreError."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"{path} cannot be read as text: {error}; mend it, then set up once more") from error
    if any(line.strip() == LOADING for line in text.splitlines()):
        return False
    joint = "" if text.endswith("\n") or not text else "\n"
    write_atomically(path, f"{text}{joint}\n{LOADING}\n".encode())
    return True
