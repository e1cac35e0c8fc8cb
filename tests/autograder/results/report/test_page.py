"""What `report` writes, from what is stored: the class's page, a page for each student, nothing of before."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.errors import UsageError
from autograder.results.report.page import write_report
from autograder.results.store import Store
from tests.autograder.manifests import small
from tests.autograder.results.decided_support import CORNER, a_class, judged
from tests.autograder.results.report.pages import hostile_grade, read
from tests.autograder.results.support import make_grade


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(tmp_path)
    made.save_manifest(small())
    for student in ("anna", "boris"):
        made.save(hostile_grade(student))
    return made


def pages(out: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in (out / "report").rglob("*.html")}


def test_a_folder_without_results_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"assignment\.json: No such file or directory; give the folder"):
        write_report(tmp_path)
    Store(tmp_path).save_manifest(small())
    with pytest.raises(UsageError, match="holds no results"):
        write_report(tmp_path)


def test_the_pages_are_written_from_the_stored_results(store: Store) -> None:
    path = write_report(store.out)
    assert path == store.out / "report" / "index.html"
    assert set(pages(store.out)) == {"index.html", "anna.html", "boris.html"}
    assert {"anna", "boris"} <= set(read(path.read_text(encoding="utf-8")).said.split())


def test_a_students_page_holds_nobody_else(store: Store) -> None:
    write_report(store.out)
    for mine, other in (("anna", "boris"), ("boris", "anna")):
        page = pages(store.out)[f"{mine}.html"]
        assert mine in page
        assert other not in page


def test_the_same_results_give_the_same_bytes_and_what_has_not_changed_is_left_alone(store: Store) -> None:
    write_report(store.out)
    before = pages(store.out)
    times = {path: path.stat().st_mtime_ns for path in (store.out / "report").rglob("*.html")}
    write_report(store.out)
    assert pages(store.out) == before
    assert {path: path.stat().st_mtime_ns for path in times} == times
    store.save(make_grade("boris"))
    write_report(store.out)
    changed = {path.name for path, time in times.items() if path.stat().st_mtime_ns != time}
    assert changed == {"index.html", "boris.html"}


def test_pages_of_those_who_have_no_result_any_more_go_and_other_files_stay(store: Store) -> None:
    write_report(store.out)
    folder = store.out / "report" / "students"
    (folder / "notes.html").write_text("<p>of a teaching assistant</p>", encoding="utf-8")
    (folder / "notes.txt").write_text("x", encoding="utf-8")
    store.result_path("boris").unlink()
    write_report(store.out)
    assert {path.name for path in folder.iterdir()} == {"anna.html", "notes.html", "notes.txt"}


def test_a_result_that_cannot_be_read_is_named_for_staff(store: Store) -> None:
    store.result_path("vera").write_text("{", encoding="utf-8")
    path = write_report(store.out)
    assert (
        "Results that cannot be read: 1 results/vera.json: a damaged file"
        in read(path.read_text("utf-8")).said
    )


def test_tests_to_doubt_are_shown_to_staff_alone(tmp_path: Path) -> None:
    a_class(tmp_path, judged("anna", (CORNER,)), judged("vera", (CORNER,)))
    page = read(write_report(tmp_path).read_text("utf-8"))
    assert "Tests to doubt: 1 A1, test_a1.py::test_corner: failed by 2 of the 2" in page.said
    assert "doubt" not in pages(tmp_path)["vera.html"]


def test_whose_submission_is_gone_and_who_handed_in_again_is_said_to_staff_alone(store: Store) -> None:
    """As `status` and `appeal` say it. Where nobody knows where the submissions are, nobody is called gone."""
    again = store.load("anna")
    assert again is not None
    store.save(again.model_copy(update={"attempt": 2, "submission_sha256": "01", "score": 2.0}))
    said = read(write_report(store.out).read_text(encoding="utf-8")).said
    assert "Handed in again: 1 anna : attempt 2 counts; points of earlier attempts: 1: 2" in said.replace(
        "anna:", "anna :"
    )
    assert "attempt 2 boris" in said, "in the row of anna"
    assert "no submission now" not in said
    folder = store.out / "handed in"
    (folder / "anna").mkdir(parents=True)
    (folder / "anna" / "work.py").write_text("x = 1\n")
    store.save_places(store.out, folder)
    said = read(write_report(store.out).read_text(encoding="utf-8")).said
    assert "Without a submission now in handed in: 1 boris" in said
    assert said.count("no submission now") == 1
    for student in ("anna", "boris"):
        page = read(pages(store.out)[f"{student}.html"]).said
        assert "no submission now" not in page
        assert "earlier attempts" not in page
