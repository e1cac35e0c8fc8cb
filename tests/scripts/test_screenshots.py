"""The pictures of the README: what is cut out of the report, and what is said where Chromium is missing."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

from PIL import Image

from scripts.pictures import screenshots
from tests.machines import ENV, ROOT

REPORT = """<html><head><style>a</style></head>
<body>
<h1>Class</h1><table>points</table>
<h2>Submissions</h2>
<details id="s1"><summary><bdi>stub</bdi></summary><h3>F1. Convolution</h3>zero</details>
<details id="s2"><summary><bdi>wrong_flipped_kernel</bdi></summary>all<h3>B1. Counting</h3>
counted<h3>F1. Convolution</h3>
flipped<h3>G1. Pooling</h3>pooled</details>
</body></html>"""


def test_the_feedback_is_one_student_open_at_the_mistake():
    page = screenshots.feedback_page(REPORT)
    assert '<details open id="s2">' in page
    assert "</summary>all<h3>F1. Convolution</h3>\nflipped</details>" in page
    assert "<style>a</style>" in page
    assert not any(other in page for other in ("stub", "counted", "pooled", "<h1>"))


def test_the_class_ends_before_the_first_student():
    page = screenshots.class_page(REPORT)
    assert "<table>points</table>" in page
    assert "Submissions" not in page
    assert "details" not in page


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
