"""The files of the students' pages: safe and unique names on every system, and how a page links to them."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from urllib.parse import quote

from autograder.intake.students import safe_student

FOLDER = "students"
# Windows opens a device in place of a file with one of these names, whatever its ending.
DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)


def page_names(students: Iterable[str]) -> dict[str, str]:
    """Student -> the name of the page's file, such as `anna.html`.

    Names that differ in capitals only, which are one file on some systems, and names of devices get a number.
    """
    everybody = list(students)
    safe = {student: safe_student(student) for student in everybody}
    counts = Counter(map(_folded, safe.values()))
    return {
        student: f"{name}{_number(student) if counts[_folded(name)] > 1 or DEVICES.fullmatch(name) else ''}.html"
        for student, name in safe.items()
    }


def link(name: str) -> str:
    """The address of such a file from the page of the class, in ASCII: it opens from a folder and from a server."""
    return f"{FOLDER}/{quote(name, safe='')}"


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", name).casefold())


def _number(student: str) -> str:
    return f"-{hashlib.sha256(student.encode(errors='surrogatepass')).hexdigest()[:8]}"
