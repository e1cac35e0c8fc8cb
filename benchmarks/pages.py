"""The pages of a large class: seconds to make them, their weight, and seconds until a browser has opened one.

    python -m benchmarks.pages [--students 1000] [--rounds 5]

The class is made up (`benchmarks/made_class.py`), the pages are those of `autograder report`. A browser without a
window opens the page of the class from a file, each time in a new profile; opened means loaded and painted. Beside it
stand scrolling to the table, which is laid out only then, sorting by the total, and one filter.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from autograder.results.report.class_page import render_class
from autograder.results.report.names import page_names
from autograder.results.report.student_page import StudentPages
from benchmarks.made_class import made_class

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PAINTED = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"
TABLE = "() => document.getElementById('class').scrollIntoView()"
SORT = "() => document.querySelector('#class th[data-column=total] button').click()"
FILTER = """() => {
  document.querySelector('[name=words]').value = 'вера';
  document.getElementById('filters').dispatchEvent(new Event('input'));
}"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--students", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    manifest, marked = made_class(options.students)
    names = page_names(one.grade.student for one in marked)
    start = time.perf_counter()
    page = render_class(manifest, marked, names)
    made_s = time.perf_counter() - start
    print(
        f"the page of {options.students} students: {made_s:.2f} s to make, {len(page.encode()) / 1e6:.2f} MB"
    )
    start = time.perf_counter()
    pages = StudentPages(manifest)
    sizes = [len(pages.render(one).encode()) for one in marked]
    made_s = time.perf_counter() - start
    print(
        f"the students' pages: {made_s:.1f} s to make, {statistics.median(sizes) / 1e3:.0f} KB (median), "
        f"{max(sizes) / 1e3:.0f} KB (largest)"
    )
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        print("Chromium is not installed: opening was not measured")
        return
    with tempfile.TemporaryDirectory(prefix="pages-") as folder:
        path = Path(folder) / "index.html"
        path.write_text(page, encoding="utf-8")
        show(open_in(browser, path, options.rounds))


def open_in(browser: str, path: Path, rounds: int) -> dict[str, list[float]]:
    """Seconds of each step, a value a round."""
    from playwright.sync_api import sync_playwright

    found: dict[str, list[float]] = {"opened": [], "table seen": [], "sorted": [], "filtered": []}
    with sync_playwright() as started:
        launched = started.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        for _ in range(rounds):
            page = launched.new_context().new_page()
            found["opened"].append(seconds(page, lambda page=page: page.goto(path.as_uri())))
            found["table seen"].append(seconds(page, lambda page=page: page.evaluate(TABLE)))
            found["sorted"].append(seconds(page, lambda page=page: page.evaluate(SORT)))
            found["filtered"].append(seconds(page, lambda page=page: page.evaluate(FILTER)))
            page.context.close()
        launched.close()
    return found


def seconds(page: Any, step: Any) -> float:
    start = time.perf_counter()
    step()
    page.evaluate(PAINTED)
    return time.perf_counter() - start


def show(found: dict[str, list[float]]) -> None:
    for name, times in found.items():
        print(
            f"{name}: {min(times):.2f} s (least), {statistics.median(times):.2f} s (median of {len(times)})"
        )


if __name__ == "__main__":
    main()
