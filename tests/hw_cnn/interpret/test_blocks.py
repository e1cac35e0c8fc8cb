"""Networks as boxes: every stage is drawn with its name and its shape, in rows, halves in two colours."""

from __future__ import annotations

import pytest

from hw_cnn.interpret.figures.blocks import draw_blocks
from tests.hw_cnn.interpret.figure_support import assert_readable

STAGES = [("image", (3, 224, 224)), ("block 1", (64, 112, 112)), ("fc6", (4096,)), ("fc8", (1000,))]


def test_names_and_shapes_stand_on_the_picture():
    (axes,) = draw_blocks(STAGES, "VGG").axes
    texts = [text.get_text() for text in axes.texts]
    for name, shape in STAGES:
        assert name in texts
        assert " × ".join(map(str, shape)) in texts
    assert len(axes.patches) == 3 * len(STAGES)


LONG = [(f"полносвязный слой {number}", (4096,)) for number in range(5)]


@pytest.mark.parametrize("num_in_row", [None, 1, 2, 3])
@pytest.mark.parametrize("stages", [STAGES, LONG])
def test_no_label_touches_another_in_rows_of_any_length(stages, num_in_row):
    assert_readable(draw_blocks(stages, "VGG", num_in_row=num_in_row))


def test_rows_go_down_and_hold_the_stages_in_order():
    (axes,) = draw_blocks(STAGES, num_in_row=3).axes
    places = {text.get_text(): text.get_position() for text in axes.texts}
    lefts = [places[name][0] for name, _ in STAGES]
    assert lefts[0] < lefts[1] < lefts[2]
    assert lefts[3] < lefts[1]
    assert places["fc8"][1] < places["3 × 224 × 224"][1]
    arrows = [text for text in axes.texts if getattr(text, "arrow_patch", None) is not None]
    assert len(arrows) == 3  # two between boxes, one on to the next row


def test_halves_have_a_colour_each_and_lie_side_by_side():
    (axes,) = draw_blocks(STAGES, in_halves=[1]).axes
    assert len(axes.patches) == 3 * len(STAGES) + 2
    fronts = axes.patches[3], axes.patches[5]  # a front and a top, then the second front
    first, second = ([point[0] for point in front.get_xy()] for front in fronts)
    assert max(first) == pytest.approx(min(second))
    assert max(first) - min(first) == pytest.approx(max(second) - min(second))
    assert fronts[0].get_facecolor() != fronts[1].get_facecolor()


def test_a_row_of_no_boxes_is_refused():
    with pytest.raises(ValueError, match=r"num_in_row \(=0\) must be at least 1"):
        draw_blocks(STAGES, num_in_row=0)


@pytest.mark.parametrize("stages", [STAGES, [("one", (1, 1, 1))], [("logits", (10,))]])
def test_boxes_lie_side_by_side_within_the_picture(stages):
    (axes,) = draw_blocks(stages).axes
    boxes = [patch.get_xy() for patch in axes.patches]
    ends = [(min(x for x, _ in part), max(x for x, _ in part)) for part in boxes]
    fronts = ends[::3]
    assert all(later[0] > earlier[1] for earlier, later in zip(ends[2::3], fronts[1:], strict=False))
    low, high = axes.get_xlim()
    assert low < min(start for start, _ in ends) < max(end for _, end in ends) < high
