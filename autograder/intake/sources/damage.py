"""A file that is not what its name says: what it is instead, and what to do."""

from __future__ import annotations

import re

from autograder.intake.sources.magics import Translator
from autograder.intake.uploads.names import printable
from autograder.intake.uploads.rejection import Rejected, refuse

CONFLICT = re.compile(r"^<{7}(?: |$)", re.MULTILINE)
WEB_PAGE = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype html|html|head)\b", re.IGNORECASE | re.DOTALL
)
LOOKED_AT = 5000
PYTHON = re.compile(r"^(?:import|from|def|class)\s", re.MULTILINE)
# The first bytes of formats that arrive under the name of a notebook.
FORMATS = (
    (b"PK\x03\x04", "архив zip (или файл .docx)", "a zip archive (or a .docx file)"),
    (b"%PDF", "файл PDF", "a PDF file"),
    (b"Rar!", "архив rar", "a rar archive"),
    (b"7z\xbc\xaf", "архив 7z", "a 7z archive"),
    (b"\x1f\x8b", "архив gzip", "a gzip archive"),
)


def conflict_line(text: str) -> int | None:
    """The line of the first marker that a failed merge left."""
    found = CONFLICT.search(text)
    return None if found is None else text.count("\n", 0, found.start()) + 1


def is_web_page(text: str) -> bool:
    """Whether this is HTML: a page that shows a notebook or a script, saved from a browser."""
    return WEB_PAGE.match(text[:LOOKED_AT]) is not None


def no_notebook(data: bytes, text: str, name: str) -> Rejected:
    """The sentence for a notebook that is no JSON."""
    shown = printable(name)
    line = conflict_line(text)
    if line is not None:
        return refuse(
            f"в тетради «{shown}» остался конфликт слияния git (строка {line}: <<<<<<<); разрешите его, "
            "откройте тетрадь и сохраните снова",
            f"the notebook {shown!r} holds a merge conflict of git (line {line}: <<<<<<<); resolve it, "
            "open the notebook and save it again",
        )
    if is_web_page(text):
        return refuse(
            f"«{shown}» — сохранённая веб-страница, а не тетрадь; скачайте сам файл .ipynb "
            "(Colab, Jupyter: File > Download; GitHub: Download raw file)",
            f"{shown!r} is a saved web page, not a notebook; download the .ipynb file itself "
            "(Colab, Jupyter: File > Download; GitHub: Download raw file)",
        )
    for start, ru, en in FORMATS:
        if data.startswith(start):
            return refuse(
                f"«{shown}» — {ru}, а не тетрадь Jupyter; сдайте саму тетрадь .ipynb",
                f"{shown!r} is {en}, not a Jupyter notebook; hand in the .ipynb notebook itself",
            )
    if PYTHON.search(text) and Translator().reads(text):
        return refuse(
            f"«{shown}» — код на Python, а не тетрадь Jupyter; назовите файл solution.py",
            f"{shown!r} is Python code, not a Jupyter notebook; name the file solution.py",
        )
    return refuse(
        f"«{shown}» — не тетрадь Jupyter: файл повреждён или обрезан",
        f"{shown!r} is not a Jupyter notebook: the file is damaged or cut off",
    )
