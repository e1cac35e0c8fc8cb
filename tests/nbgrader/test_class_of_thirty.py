"""`docs/nbgrader.md` from `quickstart` to the exported table, command by command, with a class of thirty."""

from __future__ import annotations

import csv
import json
import re
import shlex
import time
from pathlib import Path

import pytest

from tests.autograder.grading_support import ROOT, scores
from tests.autograder.results.report.pages import CHROMIUM
from tests.nbgrader import thirty
from tests.nbgrader.formgrader import notebook_of, served
from tests.nbgrader.support import gradebook, nbgrader, run, totals
from tests.nbgrader.thirty import CLASS, NAME

pytestmark = [pytest.mark.nightly, pytest.mark.timeout(3600)]

PAGE = (ROOT / "docs" / "nbgrader.md").read_text(encoding="utf-8")
PAGES_COMMANDS = [
    line
    for block in re.findall(r"^```\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
]
# The part of the seminar that lasts minutes.
PART = {"nbgrader-setup": ["--tasks", "J1,W"], "grade": ["--tasks", "J1,W", "--trusted-code"]}
FOR_STAFF = ("M. Ivanova", "test_j1.py")


class Evening:
    """The page's commands, one after the other, with the seconds that each took."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.left = folder, list(PAGES_COMMANDS)
        self.seconds: dict[str, float] = {}
        self.said: dict[str, str] = {}
        self.first: tuple[dict[str, float], dict[str, float]] = ({}, {})

    @property
    def course(self) -> Path:
        return self.folder / "cnn"

    @property
    def grades(self) -> Path:
        return self.course / "grades" / NAME

    def step(self, beginning: str) -> None:
        """The page's next command, which must begin so: nothing of the page is left out."""
        line = self.left.pop(0)
        assert line.startswith(beginning), line
        words = shlex.split(line)
        words += PART.get(words[1], []) if words[0] == "autograder" else []
        started = time.monotonic()
        said = run(self.course if self.course.exists() else self.folder, *words)
        name = " ".join(words[:2])
        self.seconds[name], self.said[name] = time.monotonic() - started, said

    def scores(self) -> dict[str, float]:
        return {student: float(row["score"]) for student, row in scores(self.grades).items()}


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Evening:
    """All commands up to the marks of the class; what people decide comes after the first marks."""
    folder = tmp_path_factory.mktemp("nbgrader")
    own = Evening(folder)
    thirty.assignments(folder)
    own.step("nbgrader quickstart cnn")
    exchange = folder / "exchange"
    exchange.mkdir(mode=0o777)
    exchange.chmod(0o777)
    config = own.course / "nbgrader_config.py"
    config.write_text(config.read_text() + f'\nc.Exchange.root = "{exchange}"\n', encoding="utf-8")
    assert own.left.pop(0) == "cd cnn"
    own.step("autograder nbgrader-setup .")
    own.step("nbgrader generate_assignment")
    own.step("nbgrader release_assignment")
    thirty.hand_in(exchange / "cnn" / "inbound", own.course / "release" / NAME)
    thirty.roster(own.course / "roster.csv")
    own.step("nbgrader collect")
    own.step("autograder grade")
    own.step("nbgrader autograde")
    own.first = (totals(own.course, NAME), own.scores())
    (own.grades / "manual.csv").write_text(thirty.manual(), encoding="utf-8")
    (own.grades / "overrides.csv").write_text(thirty.DECISIONS, encoding="utf-8")
    void = ["--as", "full", "--by", "M. Ivanova", "--reason", "not in the text"]
    run(own.course, "autograder", "void", str(own.grades), "test_j1.py::test_class_zero", *void)
    own.step("autograder report")
    own.step("autograder export")
    own.step("nbgrader generate_feedback")
    own.step("nbgrader release_feedback")
    own.step("nbgrader export")
    assert own.left == []
    print({name: round(seconds, 1) for name, seconds in own.seconds.items()})
    return own


def same(theirs: dict[str, float], ours: dict[str, float]) -> None:
    handed_in = {student for student, kind in CLASS.items() if kind.code is not None}
    assert theirs.keys() == handed_in
    for student in handed_in:
        assert theirs[student] == pytest.approx(ours[student], abs=1e-9), student


def test_autograde_takes_our_marks(evening: Evening):
    same(*evening.first)
    assert "left without a mark" not in evening.said["nbgrader autograde"]


def test_the_totals_are_ours_after_all_decisions(evening: Evening):
    ours = evening.scores()
    same(totals(evening.course, NAME), ours)
    assert ours["writer1"] == pytest.approx(11.37)
    assert ours["nothing1"] == 2.5
    assert ours["late1"] == pytest.approx(8.4)
    assert ours["extended1"] == 4.0
    assert ours["closed1"] == 0.0


def test_the_table_of_nbgrader_has_our_scores(evening: Evening):
    with (evening.course / "grades.csv").open(encoding="utf-8", newline="") as stream:
        rows = {row["student_id"]: row for row in csv.DictReader(stream)}
    assert rows.keys() == CLASS.keys()
    for student, score in evening.scores().items():
        assert float(rows[student]["score"]) == pytest.approx(score, abs=1e-9)
        assert rows[student]["email"] == f"{student}@uni.ru"
    assert rows["right1"]["last_name"] == "Студент 0"


def test_nobody_waits_and_lateness_is_known(evening: Evening):
    with gradebook(evening.course) as opened:
        late = opened.find_submission(NAME, "late1")
        assert late.total_seconds_late == pytest.approx(30 * 3600)
        assert opened.find_submission(NAME, "extended1").total_seconds_late == 0
        assert not any(one.needs_manual_grade for one in opened.assignment_submissions(NAME))


def test_no_cell_of_a_student_has_run(evening: Evening):
    path = evening.course / "autograded" / "zero1" / NAME / f"{NAME}.ipynb"
    cells = [
        cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"
    ]
    assert {cell["execution_count"] for cell in cells} == {None}
    said = {cell["id"]: "".join(cell["outputs"][0]["text"]) for cell in cells if cell["outputs"]}
    assert said.keys() == {"J1-test"}
    assert "0 of 0.35: Class number 0 counts like any other." in said["J1-test"]


def test_feedback_shows_sentences_and_nothing_hidden(evening: Evening):
    pages = {
        student: (evening.course / "feedback" / student / NAME / f"{NAME}.html").read_text(encoding="utf-8")
        for student, kind in CLASS.items()
        if kind.code is not None
    }
    assert "Top-1 error is the share of images" in pages["nothing1"]
    assert "see the slide" in pages["late1"]
    assert "2 days late, 20 % of the points are taken off" in pages["late1"]
    assert "see the slide" not in pages["right1"]
    hidden = [
        line.strip()
        for path in (ROOT / "assignments" / NAME / "hidden").glob("test_j1.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip().startswith(("assert", "def test_"))
    ]
    assert hidden
    for page in pages.values():
        text = re.sub(r"<style.*?</style>|<script.*?</script>", "", page, flags=re.DOTALL)
        assert not [line for line in hidden if line in text]
        assert not [word for word in FOR_STAFF if word in text]


def test_the_released_feedback_is_in_the_exchange(evening: Evening):
    handed_in = sum(kind.code is not None for kind in CLASS.values())
    assert len(list((evening.folder / "exchange" / "cnn" / "feedback").glob("*.html"))) == handed_in


def test_again_nothing_doubles(evening: Evening):
    from nbgrader.api import Comment, Grade, Student

    def counts() -> list[int]:
        with gradebook(evening.course) as opened:
            return [opened.db.query(kind).count() for kind in (Grade, Comment, Student)]

    before, mine = counts(), totals(evening.course, NAME)
    run(evening.course, "autograder", "export", str(evening.grades), "--format", "nbgrader", "--course", ".")
    assert (counts(), totals(evening.course, NAME)) == (before, mine)


def test_without_a_result_there_is_no_mark_and_one_sentence(evening: Evening):
    result = evening.grades / "results" / "right8.json"
    kept = result.read_bytes()
    result.unlink()
    try:
        said = nbgrader(evening.course, "autograde", NAME, "--student", "right8", "--force")
    finally:
        result.write_bytes(kept)
    (line,) = [line for line in said.splitlines() if "right8 is left without a mark" in line]
    assert "run `autograder grade`" in line
    assert "Traceback" not in said
    with gradebook(evening.course) as opened:
        submission = opened.find_submission(NAME, "right8")
        assert submission.needs_manual_grade
        assert {grade.score for notebook in submission.notebooks for grade in notebook.grades} == {0.0}
        assert {grade.auto_score for notebook in submission.notebooks for grade in notebook.grades} == {None}
    nbgrader(evening.course, "autograde", NAME, "--student", "right8", "--force")
    same(totals(evening.course, NAME), evening.scores())


def test_a_result_of_earlier_work_is_no_mark_of_later_work(evening: Evening):
    stamp = evening.course / "submitted" / "right7" / NAME / "timestamp.txt"
    before = stamp.read_text(encoding="utf-8")
    stamp.write_text("2026-12-31 12:00:00 UTC", encoding="utf-8")
    try:
        said = nbgrader(evening.course, "autograde", NAME, "--student", "right7", "--force")
    finally:
        stamp.write_text(before, encoding="utf-8")
    assert "right7 is left without a mark" in said
    assert "earlier work" in said
    nbgrader(evening.course, "autograde", NAME, "--student", "right7", "--force")
    same(totals(evening.course, NAME), evening.scores())


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_formgrader_shows_it_and_what_is_typed_there_stays(evening: Evening):
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright comes with the extra `dev`")
    before = totals(evening.course, NAME)["late1"]
    with served(evening.course) as address, playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1200, "height": 1000})
        page.set_default_timeout(120_000)
        page.goto(f"{address}/manage_submissions/{NAME}")
        row = page.locator("tr", has=page.get_by_text("late1", exact=True))
        assert row.locator(".score").inner_text() == "10.5 / 14"
        assert row.locator(".status").inner_text() == "graded"
        page.goto(notebook_of(address, NAME, "late1"))
        scores = page.locator("input.score")
        playwright.expect(scores.first).to_have_attribute("placeholder", "4", timeout=120_000)
        playwright.expect(scores.nth(1)).to_have_value("3", timeout=120_000)
        comments = page.locator("textarea.comment")
        late = re.compile("20 % of the points are taken off")
        playwright.expect(comments.first).to_have_attribute("placeholder", late, timeout=120_000)
        assert "0.35 of 0.35: Class number 0" in page.inner_text("body")
        scores.nth(1).fill("4")
        with page.expect_response(lambda answer: answer.request.method == "PUT"):
            scores.nth(1).blur()
        comments.first.fill("Come and see me")
        with page.expect_response(lambda answer: answer.request.method == "PUT"):
            comments.first.blur()
        browser.close()
    words = ("export", str(evening.grades), "--format", "nbgrader", "--course", ".")
    said = run(evening.course, "autograder", *words)
    assert "late1: the comment on J1, W-filter 4 (here 3)" in said
    assert totals(evening.course, NAME)["late1"] == pytest.approx(before + 0.8)
