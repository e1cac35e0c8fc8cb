"""The pages in a browser without a server: sort, filter, open, keyboard, telephone, paper, and no script of others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from autograder.course.manifest import Manifest
from autograder.results.beside import Beside
from autograder.results.grade import Diagnosis, Grade, TaskResult
from autograder.results.marked import Marked, all_with_beside
from autograder.results.report.class_page import render_class
from autograder.results.report.names import FOLDER, page_names
from autograder.results.report.student_page import StudentPages
from autograder.roster.person import Person
from autograder.text import Lang
from benchmarks.made_class import made_class
from tests.autograder.manifests import small
from tests.autograder.results.report.pages import BREAKOUTS, CHROMIUM, hostile_grade
from tests.autograder.results.support import make_grade

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright comes with the extra `dev`")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")]
DESK, PHONE = {"width": 1200, "height": 900}, {"width": 360, "height": 740}


@dataclass
class Seen:
    """An open page, and all that it said, asked for or tried to show."""

    page: Any
    heard: list[str] = field(default_factory=list)

    def column(self, name: str) -> list[str]:
        """What stands in the visible rows below a heading."""
        return self.page.eval_on_selector_all(
            "#class tbody tr:not([hidden])",
            """(rows, name) => {
              const place = [...document.querySelectorAll("#class th")].findIndex((th) => th.dataset.column === name);
              return rows.map((row) => row.cells[place].textContent.trim());
            }""",
            name,
        )

    def heading(self, name: str) -> Any:
        return self.page.locator(f'#class th[data-column="{name}"]')

    def sort(self, name: str) -> list[str]:
        self.heading(name).locator("button").click()
        return self.column(name)


Open = Callable[..., Seen]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        launched = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture
def opened(browser: Any) -> Iterator[Open]:
    contexts = []

    def open_(path: Path, **options: Any) -> Seen:
        context = browser.new_context(**{"viewport": DESK, **options})
        contexts.append(context)
        seen = Seen(context.new_page())
        seen.page.on("console", lambda message: seen.heard.append(f"console: {message.text}"))
        seen.page.on("pageerror", lambda error: seen.heard.append(f"error: {error}"))
        seen.page.on(
            "dialog", lambda dialog: (seen.heard.append(f"dialog: {dialog.message}"), dialog.dismiss())
        )
        seen.page.on(
            "request", lambda asked: asked.url.startswith("file:") or seen.heard.append(f"asked: {asked.url}")
        )
        seen.page.goto(path.as_uri())
        return seen

    yield open_
    for context in contexts:
        context.close()


def write(folder: Path, manifest: Manifest, marked: Sequence[Marked]) -> Path:
    """The class's page, with those of its students beside it, as `report` lays them out."""
    names = page_names(one.grade.student for one in marked)
    (folder / FOLDER).mkdir(parents=True)
    pages = StudentPages(manifest)
    for one in marked:
        (folder / FOLDER / names[one.grade.student]).write_text(pages.render(one), encoding="utf-8")
    (folder / "index.html").write_text(render_class(manifest, marked, names), encoding="utf-8")
    return folder / "index.html"


@pytest.fixture(scope="module", params=["ru", "en"])
def sixty(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    lang: Lang = request.param
    return write(tmp_path_factory.mktemp("class") / "report", *made_class(60, lang))


def points(text: str) -> float:
    return float(text.replace(",", "."))


def test_points_are_sorted_as_numbers_in_both_directions(opened: Open, sixty: Path) -> None:
    seen = opened(sixty)
    assert seen.heading("name").get_attribute("aria-sort") == "ascending"
    totals = [points(text) for text in seen.column("total")]
    assert [points(text) for text in seen.sort("total")] == sorted(totals)
    assert seen.heading("total").get_attribute("aria-sort") == "ascending"
    assert seen.heading("name").get_attribute("aria-sort") == "none"
    assert [points(text) for text in seen.sort("total")] == sorted(totals, reverse=True)
    assert seen.heading("total").get_attribute("aria-sort") == "descending"
    for _ in range(2):
        column = seen.sort("W")
        have_points = [text not in ("", "–") for text in column]
        assert have_points == sorted(have_points, reverse=True), "what has no points comes last"
    assert seen.heard == []


def test_names_are_sorted_as_people_sort(opened: Open, tmp_path: Path) -> None:
    names = ["Жуков", "ёлкин", "Егоров", "Ежов", "Яшин", "Ёлкин 2", "Ёлкин 10", "Абрамов"]
    grades = [make_grade(name).model_copy(update={"lang": "ru"}) for name in names]
    seen = opened(write(tmp_path / "report", small(), all_with_beside(small(), grades)))
    wanted = ["Абрамов", "Егоров", "Ежов", "ёлкин", "Ёлкин 2", "Ёлкин 10", "Жуков", "Яшин"]
    assert seen.column("name") == wanted
    assert seen.sort("name") == wanted[::-1]
    assert seen.sort("name") == wanted


def test_filters(opened: Open, sixty: Path) -> None:
    seen = opened(sixty)
    page = seen.page
    names, groups = seen.column("name"), seen.column("group")
    page.fill("[name=words]", "ЕЛКИН")
    assert seen.column("name") == [name for name in names if "Ёлкин" in name] != []
    assert page.inner_text("#shown") == f"{len(seen.column('name'))} / 60"
    page.fill("[name=words]", "вера st00")
    assert seen.column("name") == [name for name in names if "Вера" in name] != []
    page.fill("[name=words]", "b0007")
    assert len(seen.column("name")) == 1, "by the number of the roster"
    page.click("#everybody")
    page.select_option("[name=group]", groups[0])
    assert set(seen.column("group")) == {groups[0]}
    assert len(seen.column("name")) == groups.count(groups[0])
    page.click("#everybody")
    page.fill("[name=least]", "50")
    page.fill("[name=most]", "90")
    assert all(50 <= points(text) <= 90 for text in seen.column("total"))
    page.click("#everybody")
    missing = page.locator("[name=status] option").all_inner_texts()[1]
    page.select_option("[name=status]", missing)
    shown = seen.column("status")
    assert shown
    assert {text.split(" attempt ")[0].split(" попытка ")[0] for text in shown} == {missing}
    page.click("#everybody")
    assert page.is_disabled("[name=which]")
    page.select_option("[name=task]", "F1")
    assert all(points(text) < 20 for text in seen.column("F1")), (
        "who handed in nothing has lost nothing of a task"
    )
    page.select_option("[name=which]", "none")
    assert set(seen.column("F1")) == {"0"}
    page.select_option("[name=which]", "all")
    assert set(seen.column("F1")) == {"20"}
    page.select_option("[name=task]", "W")
    page.select_option("[name=which]", "unmarked")
    assert set(seen.column("W")) <= {"", "–"}
    page.click("#everybody")
    assert seen.column("name") == names
    assert page.inner_text("#shown") == "60 / 60"
    assert seen.heard == []


def test_each_students_page_opens_from_the_table(opened: Open, tmp_path: Path) -> None:
    names = ["Ёлкин №1", "a#b", "50%", "a b+c", "Anna", "anna", "con", "?x=1&y=2", "<b>", "..", "'quoted\""]
    index = write(
        tmp_path / "report", small(), all_with_beside(small(), [make_grade(name) for name in names])
    )
    seen = opened(index)
    for number in range(len(names)):
        seen.page.goto(index.as_uri())
        link = seen.page.locator("#class tbody a").nth(number)
        name = link.inner_text()
        with seen.page.expect_navigation():
            link.click()
        assert seen.page.inner_text("h1") == name
    assert seen.heard == []


def test_names_behind_a_misconception_unfold_and_lead_on(opened: Open, sixty: Path) -> None:
    seen = opened(sixty)
    found = seen.page.locator("details:has(.found)").first
    link = found.locator(".names a").first
    assert not link.is_visible()
    found.locator("summary").click()
    name = link.inner_text()
    link.click()
    assert seen.page.inner_text("h1").startswith(name)


def test_the_keyboard_is_enough(opened: Open, sixty: Path) -> None:
    seen = opened(sixty)
    seen.heading("total").locator("button").focus()
    seen.page.keyboard.press("Enter")
    assert seen.heading("total").get_attribute("aria-sort") == "ascending"
    seen.page.keyboard.press("Shift+Tab")
    assert seen.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    summary = seen.page.locator("details:has(.found) > summary").first
    summary.focus()
    seen.page.keyboard.press("Space")
    assert seen.page.locator("details:has(.found)").first.get_attribute("open") is not None


def hostile_class(texts: Sequence[str]) -> list[Marked]:
    grades, people = [], {}
    for number, text in enumerate(texts):
        said = f"x{text}"
        task = TaskResult(
            id="A1", title=said, score=0, max_score=10, source=said, tests=hostile_grade().tasks[0].tests,
            withheld=1, message=said, diagnosis=(Diagnosis(bug="b", message=said),),
        )  # fmt: skip
        changes = {"tasks": (task,), "reason": said, "notes": (said,), "staff_notes": (said,)}
        grade = Grade.model_validate(make_grade(said).model_copy(update=changes).model_dump(by_alias=True))
        grades.append(grade.model_copy(update={"status": ("graded", "rejected")[number % 2]}))
        people[said] = Person(student=said, name=said, group=said)
    return all_with_beside(small(), grades, Beside(people=people))


def test_nothing_that_a_student_wrote_runs(opened: Open, tmp_path: Path) -> None:
    index = write(tmp_path / "report", small(), hostile_class(BREAKOUTS))
    for path in (index, *(index.parent / FOLDER).iterdir()):
        seen = opened(path)
        assert seen.heard == [], path
        if path == index:
            assert len(seen.column("name")) == len(BREAKOUTS)
            seen.sort("name")
        assert seen.page.locator("script").count() == (1 if path == index else 0)
        assert seen.page.locator("img, h1 h1, style ~ style").count() == 0


def test_the_policy_stops_what_would_slip_through(opened: Open, tmp_path: Path) -> None:
    index = write(tmp_path / "report", small(), all_with_beside(small(), [make_grade()]))
    for path in (index, index.parent / FOLDER / "anna.html"):
        text = path.read_text(encoding="utf-8")
        slipped = (
            "<script>document.title = 'ran'</script><b onclick='document.title = 1'>x</b><img src='x.png'>"
        )
        path.write_text(text.replace("</main>", f"{slipped}</main>"), encoding="utf-8")
        seen = opened(path)
        seen.page.click("main > b")
        assert seen.page.title() not in ("ran", "1")
        assert len([line for line in seen.heard if "Content Security Policy" in line]) >= 3


def test_without_scripts_the_table_is_whole(opened: Open, sixty: Path) -> None:
    page = opened(sixty, java_script_enabled=False).page
    assert page.locator("#class tbody tr").count() == 60
    assert not page.locator("#filters").is_visible()
    page.locator("#class tbody a").first.click()
    assert page.locator("h1").count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_everybody_can_use_and_read_it(opened: Open, sixty: Path, scheme: str, size: dict[str, int]) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    pages = [sixty, sixty.parent / FOLDER / "st0003.html"]
    for path in pages:
        seen = opened(path, color_scheme=scheme, viewport=size)
        seen.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= size["width"], (
            "it does not scroll sideways"
        )
        found = axe.run(seen.page)
        assert found.violations_count == 0, found.generate_report()


def test_on_a_telephone_the_total_is_in_sight(opened: Open, sixty: Path) -> None:
    page = opened(sixty, viewport=PHONE).page
    page.locator("#class").scroll_into_view_if_needed()
    box = page.locator("#class tbody td.total").first.bounding_box()
    assert box["x"] + box["width"] <= PHONE["width"]


def test_on_paper_a_students_page_is_unfolded(opened: Open, sixty: Path) -> None:
    for path in sorted((sixty.parent / FOLDER).iterdir())[:10]:
        seen = opened(path)
        folded = seen.page.locator("details:not([open]) .checks")
        if folded.count():
            break
    assert not folded.first.is_visible()
    seen.page.emulate_media(media="print")
    assert all(one.bounding_box()["height"] > 10 for one in folded.all())


def test_on_paper_the_table_has_its_headings_and_no_fields_to_fill_in(opened: Open, sixty: Path) -> None:
    seen = opened(sixty)
    seen.page.emulate_media(media="print")
    assert not seen.page.locator("#filters").is_visible()
    assert "F1" in seen.heading("F1").inner_text()
    assert seen.page.locator("#class tbody tr").last.is_visible()


def test_a_class_of_a_thousand_opens(opened: Open, tmp_path: Path) -> None:
    manifest, marked = made_class(1000)
    path = tmp_path / "index.html"
    names = page_names(one.grade.student for one in marked)
    path.write_text(render_class(manifest, marked, names), encoding="utf-8")
    seen = opened(path)
    totals = [points(text) for text in seen.sort("total")]
    assert len(totals) == 1000
    assert totals == sorted(totals)
    assert seen.heard == []
