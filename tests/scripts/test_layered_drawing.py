"""The drawing of layers: boxes apart, arrows downwards, the same bytes for the same input."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from scripts.pictures.architecture import direct
from scripts.pictures.layered_drawing import BOX_HEIGHT, Box, Drawing

ROWS = [
    [Box("top")],
    [Box("left"), Box("right")],
    [Box("rooms/a", "rooms"), Box("rooms/b", "rooms")],
    [Box("bottom with a long name")],
]
ARROWS = {
    ("top", "left"),
    ("top", "right"),
    ("top", "rooms/b"),
    ("left", "rooms/b"),
    ("right", "rooms/a"),
    ("left", "bottom with a long name"),
    ("rooms/a", "bottom with a long name"),
}
SVG = "{http://www.w3.org/2000/svg}"


def boxes(svg: str) -> list[tuple[float, float, float]]:
    """(left, right, top) of every box."""
    found = [one.attrib for one in ET.fromstring(svg).iter(f"{SVG}rect") if one.get("rx") == "7"]
    return [(float(one["x"]), float(one["x"]) + float(one["width"]), float(one["y"])) for one in found]


def test_boxes_stand_apart_in_rows():
    found = boxes(Drawing(ROWS, ARROWS).svg("rows"))
    assert len(found) == sum(map(len, ROWS))
    assert len({top for _, _, top in found}) == len(ROWS)
    for number, (left, _, top) in enumerate(found):
        others = [right for n, (_, right, other) in enumerate(found) if other == top and n < number]
        assert all(right < left for right in others)


def test_every_arrow_ends_at_the_top_of_a_box():
    svg = Drawing(ROWS, ARROWS).svg("rows")
    ends = re.findall(r'([\d.]+) ([\d.]+)" fill="none"[^>]*marker-end', svg)
    assert len(ends) == len(ARROWS)
    tops = boxes(svg)
    for x, y in ends:
        assert any(left <= float(x) <= right and float(y) == top for left, right, top in tops)


def test_lines_keep_out_of_the_boxes_that_they_pass():
    svg = Drawing(ROWS, ARROWS).svg("rows")
    passages = re.findall(r'<path d="M([\d.]+) ([\d.]+) V([\d.]+)"', svg)
    assert passages
    for x, start, end in passages:
        assert float(end) - float(start) == BOX_HEIGHT
        assert not any(left <= float(x) <= right for left, right, top in boxes(svg) if top == float(start))


def test_the_same_rows_give_the_same_bytes():
    assert Drawing(ROWS, ARROWS).svg("rows") == Drawing(ROWS, sorted(ARROWS)).svg("rows")


def test_an_arrow_that_leads_up_is_refused():
    with pytest.raises(ValueError, match="left -> top does not lead down"):
        Drawing(ROWS, {("left", "top")})


def test_arrows_that_follow_from_others_are_left_out():
    assert direct({("a", "b"), ("b", "c"), ("a", "c"), ("c", "d"), ("a", "d")}) == {
        ("a", "b"),
        ("b", "c"),
        ("c", "d"),
    }
