"""Broken and hostile files: each is a row with its sentence, and the others are taken."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.collect.layouts import Layout
from autograder.errors import UsageError
from autograder.roster.collected import read_collected, time_key
from tests.autograder.collect.support import collected, fates, laid_out, tree, zipped

GOOD = "Boris_2_assignsubmission_file_/x.py"


def member(name: str) -> str:
    return f"Anna_1_assignsubmission_file_/{name}"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("../../../evil.py", "leaves the archive"),
        ("a\x1b[2Jb.py", "holds a control character"),
        ("x" * 300, "is too long"),
        ("/".join("d" * 40), "nested more than 32 deep"),
    ],
)
def test_a_hostile_name_is_left_out(tmp_path: Path, name: str, said: str) -> None:
    source = zipped(tmp_path / "class.zip", {member(name): "1", member("y.py"): "2", GOOD: "3"})
    outcome = collected(source, tmp_path / "out")
    assert tree(tmp_path / "out") == {"Anna_1/y.py": "2", "Boris_2/x.py": "3"}
    problems = [row.fate for row in outcome.rows if not row.attempt]
    assert len(problems) == 1
    assert said in problems[0]
    assert not list(tmp_path.rglob("evil.py"))


@pytest.mark.parametrize("is_folder", [False, True])
def test_what_nobody_sees_in_a_name_of_moodle_is_taken_out(tmp_path: Path, is_folder: bool) -> None:
    files = {
        "An\u202ena\u200c_1_assignsubmission_file_/x.py": "1",
        "Anna_3_assignsubmission_file_/a\u202eb.py": "2",
        "Team\u2066_assignsubmission_file_/x.py": "3",
        "Team_assignsubmission_file_/x.py": "4",
    }
    source = laid_out(tmp_path / "in", files) if is_folder else zipped(tmp_path / "class.zip", files)
    outcome = collected(source, tmp_path / "out")
    assert tree(tmp_path / "out") == {"Anna_1/x.py": "1", "Team/x.py": "4"}
    problems = [row.fate for row in outcome.rows if not row.attempt]
    assert len(problems) == 2
    assert all("holds a control character" in problem for problem in problems)


@pytest.mark.parametrize(
    "name",
    [
        "Anna_1_assignsubmission_file_../../evil.py",
        "Anna_1_assignsubmission_file_./evil.py",
        "anna_12_34_..",
        "anna_12_34_.",
    ],
)
def test_a_name_that_leads_out_once_it_is_taken_apart_is_left_out(tmp_path: Path, name: str) -> None:
    good = "anna_12_35_x.py" if name.startswith("anna") else GOOD
    source = zipped(tmp_path / "class.zip", {name: "1", good: "2"})
    outcome = collected(source, tmp_path / "deep" / "out")
    assert list(tree(tmp_path / "deep" / "out").values()) == ["2"]
    assert [row.place for row in outcome.rows if "35" not in row.source and row.source[-4:] != "x.py"] == [""]
    assert not list(tmp_path.rglob("evil.py"))


@pytest.mark.parametrize(
    "name",
    [
        "_earlier_assignsubmission_file_/x.py",
        "submitted/_earlier/hw/x.py",
        "_collected.csv_assignsubmission_file_/x.py",
    ],
)
def test_no_student_takes_the_place_of_what_is_kept(tmp_path: Path, name: str) -> None:
    source = zipped(tmp_path / "class.zip", {name: "1", "submitted/anna/hw/x.py": "2"})
    collected(source, tmp_path / "out")
    assert not (tmp_path / "out" / "_earlier").exists()
    assert (tmp_path / "out" / "_collected.csv").is_file()


def test_an_absolute_name_is_left_out(tmp_path: Path) -> None:
    source = zipped(tmp_path / "class.zip", {"/tmp/" + member("x.py"): "1", GOOD: "3"})
    outcome = collected(source, tmp_path / "out")
    assert tree(tmp_path / "out") == {"Boris_2/x.py": "3"}
    assert any("is absolute" in row.fate for row in outcome.rows)


def test_a_link_in_an_archive_is_left_out(tmp_path: Path) -> None:
    source = tmp_path / "class.zip"
    link = zipfile.ZipInfo(member("x.py"))
    link.create_system, link.external_attr = 3, 0o120777 << 16
    with zipfile.ZipFile(source, "w") as archive:
        archive.writestr(link, "/etc/passwd")
        archive.writestr(GOOD, "3")
    outcome = collected(source, tmp_path / "out")
    assert "is a link, not a file" in fates(outcome.rows)[member("x.py")]
    assert outcome.empty == ("Anna_1",)


def test_a_bomb_is_left_out(tmp_path: Path) -> None:
    source = zipped(tmp_path / "class.zip", {member("zeros.bin"): bytes(30_000_000), GOOD: "3"})
    outcome = collected(source, tmp_path / "out")
    assert "grows more than 200 times" in fates(outcome.rows)[member("zeros.bin")]


def test_a_damaged_file_is_left_out(tmp_path: Path) -> None:
    source = zipped(tmp_path / "class.zip", {member("x.py"): os.urandom(5000), GOOD: "3"})
    data = bytearray(source.read_bytes())
    data[1000] ^= 0xFF
    source.write_bytes(data)
    outcome = collected(source, tmp_path / "out")
    assert "is damaged" in fates(outcome.rows)[member("x.py")]
    assert tree(tmp_path / "out") == {"Boris_2/x.py": "3"}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("x.py", "x.py"), "the name appears twice: the first file was taken"),
        (("x", "x/y.py"), "a file and a folder have the same name"),
    ],
)
def test_of_two_files_in_one_place_the_first_is_taken(
    tmp_path: Path, names: tuple[str, str], said: str
) -> None:
    source = tmp_path / "class.zip"
    with zipfile.ZipFile(source, "w") as archive:
        for place, name in enumerate(names):
            archive.writestr(member(name), str(place))
    outcome = collected(source, tmp_path / "out")
    assert tree(tmp_path / "out") == {f"Anna_1/{names[0]}": "0"}
    assert any(said in row.fate for row in outcome.rows)


def test_links_and_pipes_in_a_folder_are_left_out(tmp_path: Path) -> None:
    source = laid_out(tmp_path / "in", {"anna/x.py": "1", "boris/y.py": "2"})
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    (source / "anna" / "link.txt").symlink_to(tmp_path / "secret.txt")
    (source / "clara").symlink_to(tmp_path)
    os.mkfifo(source / "boris" / "pipe")
    outcome = collected(source, tmp_path / "out")
    assert tree(tmp_path / "out") == {"anna/x.py": "1", "boris/y.py": "2"}
    assert "is a link" in fates(outcome.rows)["anna/link.txt"]
    assert "is not an ordinary file" in fates(outcome.rows)["boris/pipe"]


def test_litter_of_systems_is_passed_over(tmp_path: Path) -> None:
    files = {
        "anna/x.py": "1",
        "__MACOSX/anna/._x.py": "",
        "anna/.DS_Store": "",
        "anna/.ipynb_checkpoints/x.ipynb": "",
    }
    outcome = collected(zipped(tmp_path / "in.zip", files), tmp_path / "out")
    assert fates(outcome.rows) == {"anna/x.py": "taken"}


@pytest.mark.parametrize("name", ["=cmd()", "+1", "@x", "a  b", "Ёлкина; Аня", 'O"Neil', "long " * 18])
def test_a_strange_name_comes_back_from_the_list(tmp_path: Path, name: str) -> None:
    files = {
        f"{name}_7_assignsubmission_file_/=x.py": "1",
        f"{name}_7_assignsubmission_file_/{'y' * 150}": "2",
    }
    source = zipped(tmp_path / "in.zip", {**files, f"{'z' * 230}": "nobody's"})
    outcome = collected(source, tmp_path / "out")
    assert tuple(read_collected(tmp_path / "out")) == outcome.listed
    before = (tmp_path / "out" / "_collected.csv").read_bytes()
    collected(source, tmp_path / "out")
    assert (tmp_path / "out" / "_collected.csv").read_bytes() == before


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (None, "there is no .*; give the folder or the zip"),
        (b"PK\x03\x04 cut off", "is no zip that can be opened"),
    ],
)
def test_a_source_that_cannot_be_opened_is_told(tmp_path: Path, data: bytes | None, said: str) -> None:
    if data is not None:
        (tmp_path / "class.zip").write_bytes(data)
    with pytest.raises(UsageError, match=said):
        collected(tmp_path / "class.zip", tmp_path / "out")


def test_collecting_into_the_source_is_refused(tmp_path: Path) -> None:
    source = laid_out(tmp_path / "in", {"anna/x.py": "1"})
    with pytest.raises(UsageError, match="lies in --from"):
        collected(source, source / "out")


PREFIXES = st.sampled_from(
    ["", "Anna_1_assignsubmission_file_/", "ivanov_12_34_", "submitted/anna/hw/", "anna/"]
)
NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=12)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(PREFIXES, NAMES), min_size=1, max_size=6), st.sampled_from(Layout))
def test_no_name_breaks_it_or_leads_out(
    tmp_path_factory: pytest.TempPathFactory, names: list[tuple[str, str]], layout: Layout
) -> None:
    folder = tmp_path_factory.mktemp("fuzz")
    with zipfile.ZipFile(folder / "class.zip", "w") as archive:
        for prefix, name in names:
            archive.writestr(prefix + name, "1")
    (folder / "deep").mkdir()
    try:
        outcome = collected(folder / "class.zip", folder / "deep" / "out", layout=layout)
    except UsageError:
        outcome = None
    assert {path.name for path in folder.iterdir()} == {"class.zip", "deep"}
    assert {path.name for path in (folder / "deep").iterdir()} <= {"out"}
    if outcome is not None:
        assert {row.place for row in outcome.listed if row.place} == {
            time_key(path.relative_to(folder / "deep" / "out").as_posix())
            for path in (folder / "deep" / "out").rglob("*")
            if path.is_file() and path.name != "_collected.csv"
        }
