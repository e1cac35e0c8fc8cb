"""Stacks of windows: the cells that are coloured are those from which a gradient arrives."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from hw_cnn import language
from hw_cnn.interpret.figures import draw_stacks
from hw_cnn.interpret.figures.stacks import ways
from tests.hw_cnn.interpret.figure_support import assert_readable


@pytest.mark.parametrize("stack", [(1,), (5,), (3, 3), (3, 5), (3, 3, 3)])
def test_ways_are_the_gradient_through_weights_of_one(stack):
    net = nn.Sequential(*(nn.Conv2d(1, 1, side, bias=False) for side in stack)).double()
    for parameter in net.parameters():
        nn.init.ones_(parameter)
    found = ways(stack)
    image = torch.zeros(1, 1, *found.shape, dtype=torch.float64, requires_grad=True)
    answer = net(image)
    assert answer.shape == (1, 1, 1, 1)
    (gradient,) = torch.autograd.grad(answer.sum(), image)
    assert np.array_equal(gradient[0, 0].numpy(), found)


@pytest.mark.parametrize("lang", language.LANGS)
@pytest.mark.parametrize("stacks", [[(5,), (3, 3)], [(7,), (3, 3, 3)]])
def test_each_row_says_field_weights_and_layers(stacks, lang):
    figure = draw_stacks(stacks, lang)
    assert_readable(figure)
    said = "\n".join(text.get_text() for axes in figure.axes for text in axes.texts)
    for stack in stacks:
        side = len(ways(stack))
        for part in (f"{side} × {side}", f"{sum(one**2 for one in stack)}·C²", f": {len(stack)}"):
            assert part in said


def test_maps_hold_their_counts():
    figure = draw_stacks([(5,), (3, 3)])
    maps = [axes for axes in figure.axes if axes.images]
    assert [int(np.nansum(axes.images[0].get_array())) for axes in maps] == [25, 1, 81, 9, 1]


@pytest.mark.parametrize("stack", [(), (4,), (3, 0)])
def test_windows_without_a_middle_are_refused(stack):
    with pytest.raises(ValueError, match="must hold windows with odd sides"):
        draw_stacks([(3,), stack])
