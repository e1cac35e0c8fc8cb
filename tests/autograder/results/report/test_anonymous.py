"""Marking without names: the page and its table hold codes, which are read back from `manual.csv`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from autograder.results.by_hand.codes import read_codes, with_codes
from autograder.results.store import Store
from tests.autograder.manifests import with_rows
from tests.autograder.results.marks_support import answered

AUTOGRADER = Path(sys.executable).parent / "autograder"
W = with_rows()
CLASS = ("anna", "boris", "Вера")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    store = Store(tmp_path)
    for student in CLASS:
        store.save(answered(student, filter=f"An edge, {len(student)}.", input="Two."))
    store.save_manifest(W)
    return tmp_path


def report(out: Path, *options: str) -> str:
    done = subprocess.run(
        [AUTOGRADER, "report", out, *options], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def lines(out: Path) -> list[list[str]]:
    text = (out / "report" / "marking.csv").read_text("utf-8-sig")
    return [line.split(";") for line in text.splitlines()[1:]]


def test_codes_stand_in_place_of_names_and_are_read_back(out: Path) -> None:
    report(out, "--anonymous")
    for name in ("marking.html", "marking.csv"):
        text = (out / "report" / name).read_text("utf-8")
        assert not any(student in text for student in CLASS), name
    codes = read_codes(out).codes
    assert sorted(codes) == sorted(CLASS)
    assert len(set(codes.values())) == 3
    shown = [fields[0] for fields in lines(out) if fields[2] == "filter"]
    assert shown == sorted(codes.values()), "in no order that tells who it is"
    filled = "\n".join(";".join([*fields[:3], "2", "TA", ""]) for fields in lines(out))
    (out / "manual.csv").write_text(f"student;task;row;points;by;remark\n{filled}\n")
    assert "To mark" not in report(out)
    assert {one.grade.student: one.scores["W"] for one in Store(out).marked(W)} == dict.fromkeys(CLASS, 4)


def test_it_stays_so_until_names_are_asked_for_and_codes_stay_known(out: Path) -> None:
    report(out, "--anonymous")
    before = read_codes(out).codes
    Store(out).save(answered("zed", filter="Late."))
    report(out)
    assert not {"anna", "zed"} & {fields[0] for fields in lines(out)}
    codes = read_codes(out).codes
    assert {name: codes[name] for name in before} == before
    (out / "manual.csv").write_text(f"student;task;row;points;by\n{codes['anna']};W;filter;3;TA\n")
    report(out, "--named")
    assert {fields[0] for fields in lines(out)} == {"anna", "boris", "Вера", "zed"}
    assert ["anna", "filter"] not in [[fields[0], fields[2]] for fields in lines(out)], "the mark counts"
    assert read_codes(out).codes == codes


def test_without_asking_there_are_no_codes(out: Path) -> None:
    report(out)
    assert not (out / "codes.json").exists()


def test_no_code_is_a_name_of_the_class() -> None:
    before = read_codes(Path("nowhere"))
    students = [f"s{number}" for number in range(400)]
    codes = with_codes(before, students, anonymous=True).codes
    assert len(set(codes.values())) == 400
    assert not set(codes.values()) & set(students)


def test_a_lost_key_to_the_codes_is_told(out: Path) -> None:
    (out / "codes.json").write_text("{")
    done = subprocess.run(
        [AUTOGRADER, "report", out], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 2
    assert "codes.json cannot be read: take it from a backup" in done.stderr
