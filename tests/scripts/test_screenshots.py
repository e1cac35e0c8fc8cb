"""The pictures of the README: what is cut out of the report, and what is said where Chromium is missing."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

from PIL import Image

from scripts.pictures import screenshots
from tests.machines import ENV, ROOT

STUDENT = """<html><head><style>a</style></head>
<body><main><p>Total</p>
<h2>Task by task</h2><table>all</table>
<details id="B1" open>counted</details>
<details id="F1" open>flipped</details>
<details id="G1">pooled</details>
</main></body></html>"""
CLASS = """<body><details><summary>What this does not protect from</summary>gaps</details>
<h2>Who needs you</h2><details>rejected</details>
<h2>Task by task</h2><table>shares</table>
<h2>All submissions</h2><table>points</table></body>"""


def test_the_feedback_is_the_head_of_a_students_page_and_the_task_with_the_mistake():
    page = screenshots.feedback_page(STUDENT)
    assert "<p>Total</p>" in page
    assert '<details id="F1" open>flipped</details></main>' in page
    assert "<style>a</style>" in page
    assert not any(other in page for other in ("all", "counted", "pooled"))


def test_of_the_page_of_the_class_two_long_parts_are_left_out():
    page = screenshots.class_page(CLASS)
    assert "<details>rejected</details>" in page
    assert "<table>points</table>" in page
    assert not any(other in page for other in ("gaps", "shares"))


def test_empty_margins_are_cut_off():
    picture = Image.new("RGB", (300, 400), "white")
    picture.paste("red", (100, 50, 160, 80))
    found = Image.open(io.BytesIO(screenshots.trimmed(picture)))
    assert found.size == (60 + 2 * screenshots.BORDER_PX, 30 + 2 * screenshots.BORDER_PX)


def test_without_chromium_one_sentence_says_how_to_get_it(tmp_path: Path):
    command = [sys.executable, "-m", "scripts.pictures.screenshots", "--out", str(tmp_path)]
    found = subprocess.run(
        command, cwd=ROOT, env={**ENV, "PATH": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert found.returncode == 2
    assert found.stderr.count("\n") == 1
    assert "Chromium is not installed" in found.stderr
    assert list(tmp_path.iterdir()) == []
