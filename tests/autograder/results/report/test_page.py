"""The page that a person reads: complete, self-contained, and deaf to what students write into it."""

from __future__ import annotations

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.errors import UsageError
from autograder.grids.grid import Grid, Part
from autograder.results.grade import (
    Diagnosis,
    Example,
    Grade,
    MultiplierResult,
    SandboxReport,
    TaskResult,
    TestResult,
    ThresholdResult,
)
from autograder.results.report.page import MARK_ROOM, PART_SHOWN, brief, ramp_picture, write_report
from autograder.results.store import Store
from autograder.sandbox.host import tiers
from autograder.text import Lang
from autograder.wire.safe_text import clean_line
from tests.autograder.manifests import small
from tests.autograder.results.support import make_grade, page_of

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


VOID = {"meta", "br", "rect", "circle", "line", "path", "link", "img"}


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

    def handle_data(self, data: str) -> None:
        self.text += data


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    return reader


def hostile_grade(student: str = "anna") -> Grade:
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
        "thresholds": (threshold,),
        "notes": (HOSTILE,),
        "staff_notes": (HOSTILE,),
        "reason": HOSTILE,
        "needs_staff": True,
    }
    return make_grade(student).model_copy(update=changes)


def test_what_students_write_never_becomes_markup() -> None:
    reader = read(page_of(small(), [hostile_grade()]))
    names = {tag for tag, _ in reader.tags}
    assert not names & {"script", "img", "iframe", "object", "link"}
    assert not any(name.startswith("on") for _, attributes in reader.tags for name in attributes)
    assert reader.text.count(HOSTILE) == 6


def test_a_share_that_multiplies_is_said_at_its_task() -> None:
    grade = hostile_grade()
    said = MultiplierResult(test="test_b1.py::test_accuracy", share=0.25, message="multiplied by 0.25")
    second = grade.tasks[1].model_copy(update={"multiplier": said})
    page = read(page_of(small(), [grade.model_copy(update={"tasks": (grade.tasks[0], second)})])).text
    assert page.index("B1. Second") < page.index("multiplied by 0.25")
    assert "multiplied by" not in read(page_of(small(), [grade])).text


def test_the_page_needs_nothing_from_elsewhere() -> None:
    page = page_of(small(), [hostile_grade()])
    assert not re.search(r"(src|href)=\"(?!#)", page)
    assert "//" not in page
    assert "content=\"default-src 'none'; style-src 'unsafe-inline'\"" in page


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(BREAKOUTS) | st.text(st.characters(), max_size=30), min_size=5, max_size=5))
def test_no_text_changes_the_page_around_it(texts: list[str]) -> None:
    def shape(said: list[str]) -> list[tuple[str, dict[str, str | None]]]:
        return read(page_of(small(), [saying(*said), make_grade("boris")])).tags

    assert shape([text or "-" for text in map(clean_line, texts)]) == shape(["plain"] * 5)
    page = page_of(small(), [saying(*texts)])
    page.encode()
    assert not any(char in page for char in "\x1b\x00\u202e\u2066")


def saying(student: str, message: str, source: str, reason: str, note: str) -> Grade:
    """A grade with these texts at every place that is not ours, "x" in front so that none is empty."""
    test = TestResult(id="test_a1.py::test_core", passed=False, points=0, max_points=9, message=f"x{message}")
    task = TaskResult(id="A1", title="First", score=0, max_score=10, source=f"x{source}", tests=(test,))
    plain = make_grade(f"x{clean_line(student)}").model_dump(by_alias=True)
    return Grade.model_validate({**plain, "tasks": [task], "reason": f"x{reason}", "notes": [f"x{note}"]})


def test_notes_for_staff_are_marked_as_theirs() -> None:
    noted = make_grade().model_copy(update={"staff_notes": ("two files tie",)})
    assert "For staff only: two files tie" in read(page_of(small(), [noted])).text
    assert "For staff only" not in read(page_of(small(), [make_grade()])).text


def test_an_example_shows_call_answer_and_what_is_right() -> None:
    def said(example: Example | None) -> str:
        test = TestResult(
            id="test_a1.py::test_core", passed=False, points=0, max_points=9, message="", example=example
        )
        task = TaskResult(id="A1", title="First", score=0, max_score=10, source="cell A1", tests=(test,))
        return read(page_of(small(), [make_grade().model_copy(update={"tasks": (task,)})])).text

    heading = "An example with other numbers"
    assert f"{heading}\nf(x=1)\ngot: 3\nexpected: 2" in said(Example(call="f(x=1)", got="3", expected="2"))
    assert f"{heading}\nf(x=1)\nValueError: mine\nexpected: 2" in said(
        Example(call="f(x=1)", error="ValueError: mine", expected="2")
    )
    assert f"{heading}\nValueError: mine" in said(Example(error="ValueError: mine"))
    assert heading not in said(None)


def test_one_cause_is_said_once_below_all_checks_that_it_cost() -> None:
    """As where a network of lazy layers loses all of its seven checks."""
    lost = [
        TestResult(
            id=f"test_{n}", passed=False, points=0, max_points=1, message="mine",
            example=Example(call=f"f(x={n})", error=f"IndexError: index {n} is out of range"),
        )
        for n in range(3)
    ]  # fmt: skip
    good = TestResult(id="test_good", passed=True, points=1, max_points=1, message="")
    other = lost[0].model_copy(update={"id": "test_other", "message": "another reason"})
    task = TaskResult(
        id="A1",
        title="First",
        score=1,
        max_score=5,
        source="cell A1",
        tests=(lost[0], good, other, *lost[1:]),
    )
    said = read(page_of(small(), [make_grade().model_copy(update={"tasks": (task,)})])).text
    assert [said.count(text) for text in ("mine", "IndexError", "0 / 1", "test_1", "f(x=1)")] == [
        1,
        2,
        4,
        1,
        0,
    ]
    assert said.count("These checks fail for one reason:") == 1
    places = [said.index(text) for text in ("test_0", "test_1", "test_2", "mine", "f(x=0)", "test_good")]
    assert places == sorted(places)


@pytest.mark.parametrize(("lang", "said"), [("en", "here, too"), ("ru", "и здесь")])
def test_a_row_that_is_counted_in_spite_of_a_wrong_answer_says_so(lang: Lang, said: str) -> None:
    lost = TestResult(id="test_lost", passed=False, points=0, max_points=1, message="")
    counted = TestResult(id="test_counted", passed=True, points=1, max_points=1, message="", forgiven=True)
    good = counted.model_copy(update={"id": "test_good", "forgiven": False})

    def text(*tests: TestResult) -> str:
        task = TaskResult(id="A1", title="First", score=1, max_score=2, source="cell A1", tests=tests)
        grade = make_grade().model_copy(update={"tasks": (task,), "lang": lang})
        return read(page_of(small(), [grade])).text

    one_price = {"en": "One mistake, one price", "ru": "Одна ошибка — одна цена"}[lang]
    page = text(lost, counted, good)
    rows = page[page.index("test_lost") :]
    assert rows.index("test_counted") < rows.index(said) < rows.index("test_good")
    assert rows.count(said) == 1
    assert page.count("(✓)") == 2  # the row, and the sentence that says what it means
    assert page.count(one_price) == 1
    assert one_price not in text(good)
    assert one_price not in text(lost)
    assert one_price in text(lost, good)


def page_with(example: Example) -> str:
    test = TestResult(
        id="test_a1.py::test_core", passed=False, points=0, max_points=9, message="", example=example
    )
    task = TaskResult(id="A1", title="First", score=0, max_score=10, source="cell A1", tests=(test,))
    return page_of(small(), [make_grade().model_copy(update={"tasks": (task,)})])


def numbers(role: Literal["input", "got", "expected"], *row: float, name: str = "") -> Grid:
    marked = ((0, 0),) if role != "input" else ()
    part = Part(rows=(row,), marked=marked)
    return Grid(name=name, role=role, shape=(1, len(row)), dtype="float32", parts=(part,))


def test_arrays_of_an_example_are_drawn_in_place_of_their_text() -> None:
    arrays = (numbers("input", 1, 2, name="x"), numbers("got", 3), numbers("expected", 4))
    page = page_with(Example(call="f(x)", got="[[3]]", expected="[[4]]", arrays=arrays))
    reader = read(page)
    assert [tag for tag, _ in reader.tags].count("figure") == 3
    assert [tag for tag, _ in reader.tags].count("mark") == 2
    assert "[[3]]" not in reader.text
    assert "[[4]]" not in reader.text
    assert "f(x)" in reader.text


@pytest.mark.parametrize(
    ("example", "texts"),
    [
        (
            Example(call="f(x)", got="no exception", expected="an exception, ValueError"),
            ("got: no exception",),
        ),
        (Example(call="f(x)", error="ValueError: mine", expected="[[4]]"), ("ValueError: mine",)),
    ],
)
def test_beside_arrays_stands_what_is_no_array(example: Example, texts: tuple[str, ...]) -> None:
    arrays = (numbers("input", 1, name="x"), *((numbers("expected", 4),) if example.error else ()))
    reader = read(page_with(example.model_copy(update={"arrays": arrays})))
    assert all(text in reader.text for text in texts)
    assert ("expected: an exception" in reader.text) != bool(example.error)
    assert "[[4]]" not in reader.text


def test_names_of_arrays_are_text() -> None:
    array = numbers("got", 1, name=HOSTILE).model_copy(update={"dtype": HOSTILE, "labels": (HOSTILE,)})
    reader = read(page_with(Example(arrays=(array,))))
    assert not {tag for tag, _ in reader.tags} & {"script", "img"}
    assert reader.text.count(HOSTILE) == 3


def test_the_gaps_of_the_protection_are_said() -> None:
    report = SandboxReport(tier="B", layers=("Landlock", "seccomp"), gaps=("the disk is not limited",))
    grade = make_grade().model_copy(update={"sandbox": report})
    said = read(page_of(small(), [grade, grade])).text
    assert "What this does not protect from" in said
    assert said.count("the disk is not limited") == 1


def test_a_russian_report_speaks_of_protection_in_russian() -> None:
    report = SandboxReport(tier="C: files not hidden", layers=("own uid", "seccomp"), gaps=tiers.gaps("C"))
    grade = make_grade().model_copy(update={"sandbox": report, "lang": "ru"})
    said = read(page_of(small(), [grade])).text
    assert "Защита: C: файлы не скрыты (собственный пользователь; seccomp)" in said
    assert "от выхода в сеть" in said
    assert "· проверена" in " ".join(said.split())
    assert not [gap for gap in (*report.gaps, "files not hidden", "own uid") if gap in said]


def test_a_russian_page_writes_numbers_with_commas() -> None:
    found = [Diagnosis(bug="a1_bug", message="Ядро перевёрнуто.")]
    grade = hostile_grade().model_copy(update={"lang": "ru", "score": 7.5})
    first = grade.tasks[0].model_copy(update={"diagnosis": tuple(found), "score": 0.25})
    page = page_of(small(), [grade.model_copy(update={"tasks": (first, *grade.tasks[1:])})])
    said = " ".join(read(page).text.split())
    assert "7,5 из 14" in said
    assert "A1. First: 0,25 из 10" in said
    assert "ваш результат 70,0 % (95 %-й интервал 68,0–72,0 %) (обучения: 60,0; 70,0; 80,0)" in said
    assert "Похоже, вот в чём дело. Ядро перевёрнуто." in said
    assert "width:50.0%" in page, "styles keep their points"


def test_every_submission_and_every_lost_point_is_there() -> None:
    grades = [hostile_grade(name) for name in ("anna", "boris")]
    reader = read(page_of(small(), grades))
    anchors = {attributes["href"] for tag, attributes in reader.tags if tag == "a"}
    assert anchors == {f"#{attributes['id']}" for tag, attributes in reader.tags if tag == "details"}
    assert len(anchors) == 2
    for said in (
        "anna",
        "boris",
        "core",
        "0 / 9",
        "2 / 4",
        "staff must look",
        "this result 70.0 % (95 % interval 68.0–72.0 %)",
        "may have seen",
    ):
        assert said in reader.text, said
    assert "60.0; 70.0; 80.0" in reader.text


def test_the_picture_keeps_order_and_frame() -> None:
    found = hostile_grade().thresholds[0]
    picture = ramp_picture(small(), found)
    assert picture.value_x is not None
    assert 0 < picture.low_x < picture.value_x < picture.high_x < 460
    assert picture.value_x == pytest.approx((picture.low_x + picture.high_x) / 2, abs=0.1)


def test_a_folder_without_results_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"assignment\.json: No such file or directory; give the folder"):
        write_report(tmp_path)
    Store(tmp_path).save_manifest(small())
    with pytest.raises(UsageError, match="holds no results"):
        write_report(tmp_path)


def test_the_page_is_written_from_the_stored_results(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.save_manifest(small())
    store.save(hostile_grade())
    path = write_report(tmp_path)
    assert path == tmp_path / "report" / "index.html"
    assert "anna" in read(path.read_text(encoding="utf-8")).text


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_a_browser_shows_it(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(page_of(small(), [hostile_grade()]), encoding="utf-8")
    command = [
        str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", page.as_uri(),
    ]  # fmt: skip
    shown = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    reader = Reader()
    reader.feed(shown)
    assert "script" not in {tag for tag, _ in reader.tags}
    assert "this result 70.0 %" in reader.text


@pytest.mark.parametrize("lang", ["ru", "en"])
def test_long_texts_are_cut_on_the_page_and_whole_in_the_result(lang: Lang) -> None:
    long = "first line\n" + "x" * 19_000 + "\nValueError: the last line"
    lost = [
        TestResult(id=f"{n}", passed=False, points=0, max_points=9, message=f"{n}: {long}") for n in range(60)
    ]
    task = TaskResult(id="A1", title="Task", score=0, max_score=10, source="", tests=tuple(lost))
    plain = make_grade("anna").model_copy(update={"lang": lang, "tasks": (), "reason": ""})
    many = plain.model_copy(
        update={
            "tasks": (task,),
            "reason": long,
            "notes": ("y" * 200,) * 300,
            "staff_notes": ("z" * 200,) * 300,
        }
    )
    added = len(page_of(small(), [many])) - len(page_of(small(), [plain]))
    assert added < 130_000, "60 tests, a reason and notes; uncut they are 1.3 MB"
    text = read(page_of(small(), [many])).text
    assert text.count("first line") == text.count("ValueError: the last line") == 61
    assert f"results/<{'студент' if lang == 'ru' else 'student'}>.json" in text
    assert many.tasks[0].tests[0].message == f"0: {long}"


def test_a_text_that_fits_is_shown_whole() -> None:
    limit = 2 * PART_SHOWN + MARK_ROOM
    assert brief("x" * limit, "en") == "x" * limit
    cut = brief("x" * (limit + 1), "en")
    assert f"{MARK_ROOM + 1} characters left out" in cut
    assert cut.count("x") == 2 * PART_SHOWN
