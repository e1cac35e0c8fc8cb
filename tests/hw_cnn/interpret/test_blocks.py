"""Networks as boxes: every stage is drawn with its name and its shape."""

from __future__ import annotations

import pytest

from hw_cnn.interpret.figures.blocks import draw_blocks

STAGES = [("image", (3, 224, 224)), ("block 1", (64, 112, 112)), ("fc6", (4096,)), ("fc8", (1000,))]


def test_names_and_shapes_stand_on_the_picture():
    (axes,) = draw_blocks(STAGES, "VGG").axes
    texts = [text.get_text() for text in axes.texts]
    for name, shape in STAGES:
        assert name in texts
        assert " × ".join(map(str, shape)) in texts
    assert len(axes.patches) == 3 * len(STAGES)


@pytest.mark.parametrize("stages", [STAGES, [("one", (1, 1, 1))], [("logits", (10,))]])
def test_boxes_lie_side_by_side_within_the_picture(stages):
    (axes,) = draw_blocks(stages).axes
    boxes = [patch.get_xy() for patch in axes.patches]
    ends = [(min(x for x, _ in part), max(x for x, _ in part)) for part in boxes]
    fronts = ends[::3]
    assert all(later[0] > earlier[1] for earlier, later in zip(ends[2::3], fronts[1:], strict=False))
    low, high = axes.get_xlim()
    assert low < min(start for start, _ in ends) < max(end for _, end in ends) < high
