"""Which places speak for the class: Grad-CAM."""

from __future__ import annotations

from hw_cnn.explain import content
from hw_cnn.explain.material import Material
from hw_cnn.interpret import receptive_field
from hw_cnn.interpret.figures.grad_cam import draw_grad_cam
from hw_cnn.interpret.grad_cam import grad_cam
from hw_cnn.summary import trace

# A map of fewer places says nothing about where.
MIN_SIDE = 4
ACTIVATIONS = ("ReLU", "Squashing", "Tanh", "GELU", "SiLU", "LeakyReLU", "ELU")


def draw(material: Material) -> content.Content:
    """Draw the map of the last convolution that has at least 4 x 4 places, or else of the one that has most."""
    if not material.convolutions:
        raise content.NotApplicableError("no_convolution")
    large = [layer for layer in material.convolutions if min(layer.output_shape[1:]) >= MIN_SIDE]
    layer = large[-1] if large else max(material.convolutions, key=lambda one: min(one.output_shape[1:]))
    layer = _activated(material, layer)
    images, labels = material.images[material.examples], material.labels[material.examples]
    cams = grad_cam(material.model, images, labels, layer=layer.name)
    name = material.name(layer.name)
    geometry = receptive_field.locate(material.model, layer.name, material.input_shape)
    # Each number stands in the middle of what it sees.
    top, left = (
        start + (field - jump) / 2
        for start, field, jump in zip(geometry.start_px, geometry.field_px, geometry.jump_px, strict=True)
    )
    place = (top, left, top + geometry.jump_px[0] * cams.shape[1], left + geometry.jump_px[1] * cams.shape[2])
    figure = draw_grad_cam(
        material.shown(images), cams, material.names(material.examples), name, material.lang, place
    )
    return content.Content(
        {"grad-cam": figure}, {"layer": name, "size": f"{cams.shape[1]} × {cams.shape[2]}"}
    )


def _activated(material: Material, convolution: trace.Layer) -> trace.Layer:
    """Give the activation behind the convolution: the method adds maps up that say "there is some" or nothing."""
    layers = material.layers
    behind = layers[layers.index(convolution) + 1 :][:2]
    for layer in behind:
        if layer.output_shape != convolution.output_shape:
            break
        if layer.kind in ACTIVATIONS:
            return layer
    return convolution
