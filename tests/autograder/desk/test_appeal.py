"""What an appeal page advises works when it is pasted; where no line would help it says what does."""

from __future__ import annotations

import html
import json
import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from autograder.desk.appeal import case_of, marked_of, render
from autograder.desk.publishing import publish
from autograder.desk.status import standing
from autograder.export.choices import Format
from autograder.export.exporting import Options, export
from autograder.results.grade import Grade, Override
from autograder.results.published import PUBLISHED_NAME, Told
from autograder.results.report.page import stored_manifest, write_report
from autograder.results.store import Store
from autograder.roster.person import Person
from autograder.text import Lang
from tests.autograder.export.support import due, graded, stored
from tests.autograder.results.decided_support import CORE, a_class, judged, manifest_of_tests

DUE = datetime(2026, 12, 1, 20, 59, tzinfo=UTC)


def page_of(store: Store, student: str, lang: Lang = "en") -> str:
    manifest = stored_manifest(store.out)
    return html.unescape(
        render(store.out, case_of(store, manifest, marked_of(store, manifest, student), {}), lang)
    )


@pytest.mark.parametrize(
    ("update", "said", "unsaid"),
    [
        ({"status": "rejected", "tasks": (), "score": 0}, "packed anew as zip", "No test took points"),
        ({"status": "missing", "tasks": (), "score": 0}, "packed anew as zip", "No test took points"),
        (
            {"submitted_at": DUE + timedelta(days=30)},
            "Extend the term in the roster",
            "so nothing was tested",
        ),
    ],
)
def test_no_line_is_proposed_where_none_counts(
    tmp_path: Path, update: dict[str, object], said: str, unsaid: str
) -> None:
    grade = graded("anna", 3)
    store = Store(
        stored(tmp_path, [Grade.model_validate({**grade.model_dump(by_alias=True), **update})], (), due(DUE))
    )
    page = page_of(store, "anna")
    assert "A line in overrides.csv would change nothing." in page
    assert said in page
    assert unsaid not in page
    assert "anna,A1" not in page
    assert "autograder regrade" not in page


@pytest.mark.parametrize(
    ("lang", "said"), [("en", "2026-12-01 14:00 UTC+03:00"), ("ru", "01.12.2026 14:00 UTC+03:00")]
)
def test_times_have_the_offset_of_the_due_date(tmp_path: Path, lang: Lang, said: str) -> None:
    at, moscow = datetime(2026, 12, 1, 11, tzinfo=UTC), timezone(timedelta(hours=3))
    grade = graded("anna", 3, submitted_at=at)
    store = Store(stored(tmp_path, [grade], (), due(DUE.astimezone(moscow))))
    told = Told(score=3, tasks={"A1": 3, "B1": 0}, at=at)
    (tmp_path / PUBLISHED_NAME).write_text(json.dumps({"anna": told.model_dump(mode="json")}))
    page = page_of(store, "anna", lang)
    assert page.count(said) == 2, "when it came in, and when the mark was told"
    assert "11:00" not in page


@pytest.mark.parametrize(
    ("name", "lang", "existing"),
    [
        ("anna", "en", ""),
        ("anna", "ru", "student;task;points;reason;by\r\n"),
        ("anna;b", "en", "sep=;\r\nstudent;task;points;reason;by\r\n"),
        ("anna, b", "ru", "by\ttask\tstudent\tseen\treason\tpoints\n"),
    ],
)
def test_the_line_fits_the_file_that_is_there(tmp_path: Path, name: str, lang: Lang, existing: str) -> None:
    store = a_class(tmp_path, judged(name, (CORE,)))
    path = tmp_path / "overrides.csv"
    if existing:
        path.write_text(existing, newline="")
    page = page_of(store, name, lang)
    found = re.search(r"<pre>([^<]*\bA1\b[^<]*)</pre>", page[page.index("overrides.csv") :])
    assert found is not None
    lines = found[1].replace("…", "why")
    header = existing or "student,task,points,reason,by\n"
    assert header.splitlines()[-1] in page
    path.write_text(header + lines, newline="")
    store.beside(manifest_of_tests()).require()
    assert [one.score for one in store.marked(manifest_of_tests())] == [14]


@pytest.mark.parametrize("is_own", [True, False])
def test_commands_name_the_key_that_does_not_lie_with_the_results(tmp_path: Path, is_own: bool) -> None:
    store = a_class(tmp_path, judged("anna", (CORE,)))
    if is_own:
        (tmp_path / "course.key").write_text("0" * 64)
    page = page_of(store, "anna")
    commands = re.findall(r"autograder (?:replay|regrade) .*", page)
    assert len(commands) == 2
    assert all((" --key course.key" in command) is not is_own for command in commands)
    assert ("that the work was graded with (--key)" in page) is not is_own
    assert "autograder report" in page


def test_no_page_and_no_table_shows_a_moment_as_a_program_writes_it(tmp_path: Path) -> None:
    """Each moment that a result and what lies beside it can hold, with microseconds, wherever people read."""
    moment = DUE + timedelta(hours=30, microseconds=123456)
    grade = graded("anna", 3)
    granted = Override(task="A1", points=3, reason="why", by="ta", at=moment)
    update = {"submitted_at": moment, "started_at": moment, "attempt": 2, "overrides": (granted,)}
    person = Person(student="anna", extension_hours=2)
    store = Store(stored(tmp_path, [grade], (person,), due(DUE)))
    store.save(grade.model_copy(update=update))
    manifest = stored_manifest(store.out)
    publish(store, manifest, anyway=True)
    write_report(store.out)
    pages = [path.read_text("utf-8") for path in (store.out / "report").rglob("*.html")]
    tables = [store.save_scores(manifest).read_text("utf-8")]
    languages: tuple[Lang, ...] = ("en", "ru")
    for lang in languages:
        pages.append(page_of(store, "anna", lang))
        export(store.out, Format.csv, Options(out=tmp_path / f"{lang}.csv", lang=lang, anyway=True))
        tables.append((tmp_path / f"{lang}.csv").read_bytes().decode("utf-8"))
    said = [str(one) for members in standing(store, manifest).groups.values() for one in members]
    shown = "\n".join([*pages, *tables, *said])
    assert re.search(r"2026-12-0[23] \d\d:\d\d", shown), "moments are shown"
    assert not re.findall(r".{0,30}(?:\d\d:\d\d:\d\d|\d\d-\d\dT\d\d|\.123456).{0,30}", shown)
