"""Grids as HTML: every number, its mark, and nothing that a name could break out of."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
import torch

from autograder.grids.grid import Grid, Part
from autograder.grids.html import STYLE, as_html, call_as_html
from autograder.grids.tensors import arguments, pair

HOSTILE = "</td><script>alert(1)</script>"


class Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += f"{data} "


def test_figures_with_captions_and_marked_cells() -> None:
    x = torch.tensor([[1.0, -2.0]])
    tags = Tags(as_html((*arguments(["x"], (x,), {}), *pair(x, torch.tensor([[1.0, 2.0]]))), "en"))
    assert tags.names.count("figure") == 3
    assert tags.names.count("td") == 6
    assert tags.names.count("mark") == 2
    assert tags.text.split() == ["x", "(1,", "2)", "float32", "1", "-2", "got", "(1,", "2)", "float32", "1", "-2",
                                 "expected", "(1,", "2)", "float32", "1", "2"]  # fmt: skip


def test_larger_numbers_are_darker_and_signs_have_colours_of_their_own() -> None:
    cells = re.findall(
        r"<td[^>]*>", as_html(arguments(["x"], (torch.tensor([[4.0, 1.0, 0.0, -4.0]]),), {}), "en")
    )
    shades = [re.search(r"rgba\((.+), (.+)\)", cell) for cell in cells]
    colours = [found and found.groups() for found in shades]
    assert colours[2] is None, "zero has no colour"
    assert colours[0] is not None
    assert colours[1] is not None
    assert colours[3] is not None
    assert colours[0][0] == colours[1][0] != colours[3][0]
    assert float(colours[0][1]) == float(colours[3][1]) > float(colours[1][1])


def test_an_answer_and_what_was_expected_are_shaded_alike() -> None:
    page = as_html(pair(torch.tensor([[1.0, 8.0]]), torch.tensor([[1.0, 2.0]])), "en")
    cells = re.findall(r"<td( class=\"differs\")?( style=\"[^\"]+\")>(<mark>)?1", page)
    assert len(cells) == 2
    assert len({style for _, style, _ in cells}) == 1


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_has_no_colour(value: float) -> None:
    tags = as_html(pair(torch.tensor([value]), torch.tensor([1.0])), "en")
    assert f'<td class="differs"><mark>{value}</mark></td>' in tags


def test_another_shape_is_marked() -> None:
    page = as_html(pair(torch.zeros(3), torch.zeros(2)), "en")
    assert '<span class="kind other">(3,) float32</span>' in page
    assert '<span class="kind">(2,) float32</span>' in page


def test_nothing_breaks_out() -> None:
    part = Part(rows=((HOSTILE[:40], 1),))
    grid = Grid(name=HOSTILE, dtype=HOSTILE, shape=(1, 2), labels=(HOSTILE, HOSTILE), parts=(part,))
    page = as_html([grid], "en") + call_as_html(HOSTILE)
    assert "script" not in Tags(page).names
    assert "//" not in STYLE + page


def test_nothing_to_show_is_nothing() -> None:
    assert as_html([], "en") == call_as_html("") == ""
    assert "empty" in as_html(pair(torch.zeros(0), torch.zeros(0)), "en")


def test_of_two_dictionaries_the_keys_are_framed_that_differ() -> None:
    page = as_html(pair({HOSTILE[:9]: 0.5, 3: 0.0}, {1: 0.5, 3: 0.0}), "en")
    framed = re.findall(r'<(t[hd]) class="differs"[^>]*><mark>(.*?)</mark>', page)
    assert framed == [("th", "&#x27;&lt;/td&gt;&lt;scr&#x27;"), ("th", "1")]
    assert "kind other" not in page
    assert ".hw-grids .differs { box-shadow" in STYLE
