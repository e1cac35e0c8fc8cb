"""Reading pages, and what must never become a part of one: for the tests of all pages."""

from __future__ import annotations

import re
import shutil
from html.parser import HTMLParser

from autograder.results.grade import Example, Grade, SandboxReport, TaskResult, TestResult, ThresholdResult
from tests.autograder.results.support import make_grade

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>"
BREAKOUTS = [
    HOSTILE,
    '"><svg onload=alert(1)>',
    "'><style>*{display:none}</style>",
    "</pre></td></table></details><h1>100</h1>",
    "{{ 7*7 }}{% for x in y %}",
    "<!--",
    "&lt;script&gt;",
    "javascript:alert(1)",
    "</title><meta http-equiv=refresh content=0>",
    "\x1b[31m\u202e\x00",
]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
VOID = {"meta", "br", "rect", "circle", "line", "path", "link", "img", "input"}
# What a page may name: a place on itself, a student's page, the page by which staff mark.
OURS = re.compile(r"#[\w-]*|students/[\w.%~-]+\.html|marking\.html")


class Reader(HTMLParser):
    """Collects tags, attributes and text, and checks that tags are closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert tag in VOID or self.open.pop() == tag
        if tag in ("td", "th", "option"):
            self.text += " "

    def handle_data(self, data: str) -> None:
        if self.open[-1:] not in (["script"], ["style"]):
            self.text += data

    @property
    def said(self) -> str:
        """The text, with single spaces."""
        return " ".join(self.text.split())

    @property
    def scripts(self) -> int:
        return sum(tag == "script" for tag, _ in self.tags)

    @property
    def links(self) -> list[str]:
        return [
            value or "" for _, attributes in self.tags for name, value in attributes.items() if name in LINKS
        ]


LINKS = ("href", "src", "action", "formaction", "data")


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    return reader


def refuse_foreign(page: str) -> None:
    """The page runs nothing of a student and asks for nothing from elsewhere."""
    reader = read(page)
    assert not {tag for tag, _ in reader.tags} & {"img", "iframe", "object", "link", "embed", "base"}
    assert not any(name.startswith("on") for _, attributes in reader.tags for name in attributes)
    assert [link for link in reader.links if not OURS.fullmatch(link)] == []
    assert not any(char in page for char in "\x1b\x00\u202e\u2066")


def hostile_grade(student: str = "anna") -> Grade:
    """A grade whose every text that is not ours is hostile."""
    lost = TestResult(
        id="test_a1.py::test_core",
        passed=False,
        points=0,
        max_points=9,
        message=f"core\nValueError: {HOSTILE}",
        example=Example(call="f(x=1)", error=HOSTILE, expected="2"),
    )
    unclear = TestResult(id="test_a1.py::test_corner", passed=None, points=0, max_points=1, message="?")
    task = TaskResult(id="A1", title="First", score=0, max_score=10, source=HOSTILE, tests=(lost, unclear))
    ramp = TestResult(id="test_b1.py::test_accuracy", passed=False, points=2, max_points=4, message="m")
    second = TaskResult(id="B1", title="Second", score=2, max_score=4, source="cell B1", tests=(ramp,))
    threshold = ThresholdResult(
        id="test_b1.py::test_accuracy", metric="accuracy", value=0.7, values=(0.6, 0.7, 0.8), low=0.5, high=0.9,
        points=2, max_points=4, interval=(0.68, 0.72), note="may have seen",
    )  # fmt: skip
    changes = {
        "tasks": (task, second),
        "score": 2.0,
        "thresholds": (threshold,),
        "notes": (HOSTILE,),
        "staff_notes": (HOSTILE,),
        "reason": HOSTILE,
        "sandbox": SandboxReport(tier="A"),
    }
    return make_grade(student).model_copy(update=changes)
