"""What a spreadsheet program makes of our tables: no formula of a stranger's text, and the right numbers.

It needs LibreOffice (`soffice`, Debian: libreoffice-calc-nogui), so it runs with the nightly tests.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

from autograder.export.choices import Format
from autograder.export.exporting import Options, export
from autograder.roster.person import Person
from tests.autograder.export.moodle_importer import Moodle, Participant
from tests.autograder.export.support import graded, saved, stored
from tests.autograder.export.test_like import workbook

pytestmark = pytest.mark.nightly
HOSTILE = (
    "=1+1", "+1+1", "-1+1", "@SUM(1)", "＝1+1", "\t=1+1", "\r=1+1", '=HYPERLINK("http://a.b";1)', "a;=1+1", "a,=1+1",
    '";=1+1', "=cmd|'/c calc'!A1",
)  # fmt: skip
TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"
OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
RUSSIAN, ENGLISH = 1049, 1033


def opened(path: Path, separator: str = "", language: int = ENGLISH) -> tuple[list[str], list[float]]:
    """The formulas and the numbers that LibreOffice sees in all sheets. separator: of a text file, formulas are run."""
    rule = (
        f"CSV:{ord(separator)},34,76,1,,{language},false,true,false,false,false,0,true" if separator else ""
    )
    command = [
        "soffice", f"-env:UserInstallation={(path.parent / 'profile').as_uri()}", "--headless",
        *([f"--infilter={rule}"] if rule else []), "--convert-to", "fods",
        "--outdir", str(path.parent / "seen"), str(path),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    root = ElementTree.parse(path.parent / "seen" / f"{path.stem}.fods").getroot()
    cells = list(root.iter(f"{{{TABLE}}}table-cell"))
    formulas = [formula for cell in cells if (formula := cell.get(f"{{{TABLE}}}formula"))]
    return formulas, [float(value) for cell in cells if (value := cell.get(f"{{{OFFICE}}}value"))]


def hostile(folder: Path) -> tuple[Path, list[float]]:
    """Results whose people have such names, and their scores."""
    scores = [1.25 * place for place in range(1, len(HOSTILE) + 1)]
    names = [f"s{place}" for place in range(len(HOSTILE))]
    people = [
        Person(student=name, id=text, name=text, group=text, participant=str(place + 1))
        for place, (name, text) in enumerate(zip(names, HOSTILE, strict=True))
    ]
    grades = [graded(name, min(score, 14)) for name, score in zip(names, scores, strict=True)]
    return stored(folder, grades, people), [min(score, 14) for score in scores]


def test_the_program_runs_what_is_not_guarded(tmp_path: Path) -> None:
    formulas, numbers = opened(saved(tmp_path / "t.csv", "a;b\n=1+1;7,5\n"), ";", RUSSIAN)
    assert (formulas, numbers) == (["of:=1+1"], [2, 7.5])


@pytest.mark.parametrize(("lang", "separator", "language"), [("ru", ";", RUSSIAN), ("en", ",", ENGLISH)])
def test_csv(tmp_path: Path, lang: str, separator: str, language: int) -> None:
    out, scores = hostile(tmp_path / "grades")
    path = tmp_path / "class.csv"
    export(out, Format.csv, Options(out=path, lang="ru" if lang == "ru" else "en"))
    formulas, numbers = opened(path, separator, language)
    assert formulas == []
    assert [score for score in scores if score not in numbers] == []
    assert sum(number == 14 for number in numbers) >= len(scores), "each row says of how many"


def test_xlsx(tmp_path: Path) -> None:
    out, scores = hostile(tmp_path / "grades")
    path = tmp_path / "class.xlsx"
    export(out, Format.xlsx, Options(out=path))
    formulas, numbers = opened(path)
    assert formulas == []
    assert [score for score in scores if score not in numbers] == []


def test_a_filled_workbook_has_its_own_formulas_and_no_other(tmp_path: Path) -> None:
    out = stored(
        tmp_path / "grades",
        [graded("a", 5.5), graded("b", 6)],
        [Person(student="a", id="007"), Person(student="b", id="008")],
    )
    path = tmp_path / "filled.xlsx"
    export(out, Format.xlsx, Options(out=path, like=workbook(tmp_path / "points.xlsx")))
    formulas, numbers = opened(path)
    assert formulas == ["of:=[.B2]*2", "of:=[.B3]*2"]
    assert sorted(numbers) == [5.5, 6, 11, 12], "worked out anew"


@pytest.mark.parametrize(("lang", "language"), [("ru", RUSSIAN), ("en", ENGLISH)])
def test_a_worksheet_of_moodle(tmp_path: Path, lang: str, language: int) -> None:
    out, scores = hostile(tmp_path / "grades")
    participants = [Participant(place + 1, text, text=text) for place, text in enumerate(HOSTILE)]
    worksheet = saved(tmp_path / "w.csv", Moodle(participants, 14, lang).worksheet())
    path = tmp_path / "up.csv"
    export(out, Format.moodle, Options(out=path, worksheet=worksheet))
    formulas, numbers = opened(path, ",", language)
    assert formulas == []
    assert [score for score in scores if score not in numbers] == []
