"""Take the pictures of the README: the notebook that students get, a student's page, the page of a class.

    python -m scripts.pictures.screenshots [--grades DIR]

What they show is real: a release, and the sample class graded (some minutes), or the grades of an earlier run with
`--lang en` in DIR. Chromium turns the pages into pictures; without it nothing is written.
"""

from __future__ import annotations

import argparse
import io
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
from nbconvert import HTMLExporter
from PIL import Image, ImageChops

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "docs" / "pictures"
AUTOGRADER = Path(sys.executable).parent / "autograder"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
# Higher than any of the pages: what is left below is cut off.
PAGE_HEIGHT = 3000
BORDER_PX = 16
TASK_SHOWN, STUDENT_SHOWN, MISTAKE_SHOWN = "G1", "wrong_flipped_kernel", "F1"
NOTEBOOK_STYLE = """<style>
body { padding: 0 !important; font-size: 15px; } .jp-Cell { padding-left: 14px; }
.jp-InputPrompt, .jp-InputCollapser { display: none; } .jp-Notebook { padding: 6px 14px !important; }
</style></head>"""


def main() -> int:
    parser = argparse.ArgumentParser(description="Take the pictures of the README.")
    parser.add_argument(
        "--grades", type=Path, metavar="DIR", help="grades of the sample class, made with --lang en"
    )
    parser.add_argument("--out", type=Path, default=PICTURES)
    options = parser.parse_args()
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        print(
            "Chromium is not installed, so no picture was taken; on Debian: apt-get install chromium",
            file=sys.stderr,
        )
        return 2
    with tempfile.TemporaryDirectory(prefix="screenshots-") as name:
        work = Path(name)
        grades = options.grades or graded(work / "grades")
        report = grades / "report"
        student = (report / "students" / f"{STUDENT_SHOWN}.html").read_text(encoding="utf-8")
        of_class = (report / "index.html").read_text(encoding="utf-8")
        pages = {
            "notebook": (notebook_page(work / "bundle"), 1000),
            "feedback": (feedback_page(student), 900),
            "class": (class_page(of_class), 1160),
        }
        for picture, (page, width) in pages.items():
            target = options.out / f"readme-{picture}.png"
            target.write_bytes(shoot(browser, page, width, work / picture))
            print(f"{target}: {target.stat().st_size / 1000:.0f} KB")
    return 0


def graded(out: Path) -> Path:
    """Grade the sample class in English. Raises: SystemExit where this machine cannot."""
    command = [AUTOGRADER, "grade", "seminar_cnn", "examples/submissions", "--out", out, "--lang", "en"]
    if subprocess.run(command, cwd=ROOT, check=False).returncode:
        raise SystemExit("the sample class could not be graded, see above; no picture was taken")
    return out


def notebook_page(bundle: Path) -> str:
    """The cells of one task in the released notebook, as HTML."""
    subprocess.run(
        [AUTOGRADER, "release", "seminar_cnn", "--out", bundle, "--lang", "en"], cwd=ROOT, check=True
    )
    notebook = nbformat.read(bundle / "seminar_cnn.ipynb", as_version=4)
    position = next(n for n, cell in enumerate(notebook.cells) if cell.id == TASK_SHOWN)
    notebook.cells = notebook.cells[position - 1 : position + 2]
    page, _ = HTMLExporter(mathjax_url="", require_js_url="").from_notebook_node(notebook)
    return str(page).replace("</head>", NOTEBOOK_STYLE, 1)


def feedback_page(page: str) -> str:
    """The head of a student's page and the task with the mistake; the other tasks are left out."""
    above = page[: page.index("<h2>")]
    (task,) = re.findall(rf'<details id="{MISTAKE_SHOWN}".*?</details>', page, flags=re.DOTALL)
    return f"{above}{task}</main></body></html>"


def class_page(page: str) -> str:
    """The page of the class without two parts that are long: what is not protected, and the shares task by task."""
    page = re.sub(
        r"<details><summary>What this does not protect from.*?</details>", "", page, flags=re.DOTALL
    )
    return re.sub(r"<h2>Task by task</h2>.*?(?=<h2>)", "", page, flags=re.DOTALL)


def shoot(browser: str, page: str, width: int, folder: Path) -> bytes:
    """The page as PNG, with a small border around what is on it."""
    folder.mkdir()
    (folder / "page.html").write_text(page, encoding="utf-8")
    shot = folder / "page.png"
    subprocess.run(
        [browser, *FLAGS, f"--user-data-dir={folder / 'profile'}", f"--window-size={width},{PAGE_HEIGHT}",
         f"--screenshot={shot}", (folder / "page.html").as_uri()],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    return trimmed(Image.open(shot).convert("RGB"))


def trimmed(picture: Image.Image) -> bytes:
    """As PNG, without the empty margins."""
    empty = Image.new("RGB", picture.size, picture.getpixel((0, picture.height - 1)))
    left, top, right, bottom = ImageChops.difference(picture, empty).getbbox() or (0, 0, *picture.size)
    box = (
        max(0, left - BORDER_PX), max(0, top - BORDER_PX),
        min(picture.width, right + BORDER_PX), min(picture.height, bottom + BORDER_PX),
    )  # fmt: skip
    data = io.BytesIO()
    picture.crop(box).save(data, "PNG", optimize=True)
    return data.getvalue()


if __name__ == "__main__":
    sys.exit(main())
