"""Filters of the first convolution."""

from __future__ import annotations

from hw_cnn.explain import content
from hw_cnn.explain.material import Material
from hw_cnn.interpret import filters
from hw_cnn.interpret.figures.filters import draw_filters


def draw(material: Material) -> content.Content:
    """Draw the weights of the first convolution."""
    if not material.convolutions:
        raise content.NotApplicableError("no_convolution")
    layer = material.convolutions[0]
    weights = filters.first_filters(material.model, layer.name)
    name = material.name(layer.name)
    return content.Content(
        {"filters": draw_filters(weights, name, material.lang)},
        {"layer": name, "count": str(len(weights)), "size": f"{weights.shape[2]} × {weights.shape[3]}"},
    )
