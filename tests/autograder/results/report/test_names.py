"""Names of the students' pages."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.results.report.names import link, page_names


def test_a_plain_name_is_the_name_of_its_page() -> None:
    assert page_names(["anna", "Ёлкина Вера", "b.c"]) == {
        "anna": "anna.html", "Ёлкина Вера": "Ёлкина Вера.html", "b.c": "b.c.html",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["con", "NUL", "com1", "aux.x", "a/b", "../x", "a\x00b", "x" * 300])
def test_a_name_that_no_file_may_have_gets_a_number(name: str) -> None:
    (page,) = page_names([name]).values()
    assert re.fullmatch(r"[^/\\\x00]{0,60}-[0-9a-f]{8}\.html", page)


def test_names_that_differ_in_capitals_only_are_two_files_everywhere() -> None:
    names = page_names(["Anna", "anna", "vera"])
    assert len({name.casefold() for name in names.values()}) == 3
    assert names["vera"] == "vera.html"
    assert names == page_names(["vera", "anna", "Anna"]), "whatever the order"


@given(st.lists(st.text(st.characters(), min_size=1, max_size=120), unique=True, max_size=8))
def test_names_are_unique_and_links_lead_to_them(students: list[str]) -> None:
    names = page_names(students)
    folded = {unicodedata.normalize("NFC", name).casefold() for name in names.values()}
    normal = {unicodedata.normalize("NFC", student) for student in students}
    assert len(folded) >= len(normal), "two students are two files; one name in two encodings is one student"
    for name in names.values():
        assert len(name.encode()) < 240
        address = link(name)
        assert address.isascii()
        assert not set(address) & set("#?&\"'<>\\ :")
        assert unquote(address) == f"students/{name}"
