"""What a student gets to read: the page of the report, made anew from what counts now; a file each, in a zip."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Mapping

from autograder.course.manifest import Manifest
from autograder.export.counting import Counted
from autograder.results.report.names import page_names
from autograder.results.report.student_page import StudentPages

EPOCH = (1980, 1, 1, 0, 0, 0)
NO_NAME = re.compile(r"[^\w\s.-]|_")
PAGE = "feedback.html"


def student_pages(manifest: Manifest, everybody: Iterable[Counted]) -> dict[str, bytes]:
    """Student -> page, in the language of the grade; nobody who has handed in nothing."""
    pages = StudentPages(manifest)
    return {
        one.student: pages.render(one.marked).encode("utf-8")
        for one in everybody
        if one.grade.status != "missing"
    }


def as_zip(pages: Mapping[str, bytes]) -> bytes:
    """A zip of pages, named as in the report: `anna.html`."""
    names = page_names(pages)
    return _zip({names[student]: page for student, page in pages.items()})


def as_moodle_zip(pages: Mapping[str, bytes], students: Mapping[str, tuple[str, Counted]]) -> bytes:
    """A zip for "Upload multiple feedback files in a zip": a folder a participant, known by the number in its name.

    students: number of the participant -> name in Moodle and student.
    """
    entries: dict[str, bytes] = {}
    for participant, (name, one) in students.items():
        if one.student in pages:
            # The importer splits at underscores: none may stand in the name.
            known = " ".join(NO_NAME.sub(" ", name).split()).lstrip(".") or "Participant"
            entries[f"{known}_{participant}_assignfeedback_file_/{PAGE}"] = pages[one.student]
    return _zip(entries)


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
