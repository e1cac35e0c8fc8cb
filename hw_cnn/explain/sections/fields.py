"""Receptive fields, drawn on an image."""

from __future__ import annotations

from hw_cnn.explain import content
from hw_cnn.explain.material import Material
from hw_cnn.interpret import receptive_field
from hw_cnn.interpret.figures.receptive_field import Field, draw_fields

NUM_LAYERS = 8


def draw(material: Material) -> content.Content:
    """Frame what the middle number of each layer sees; layers that see the same are drawn once."""
    different = list({layer.receptive_field_px: layer for layer in reversed(material.maps)}.values())[::-1]
    layers = content.evenly(different, NUM_LAYERS)
    if not layers:
        raise content.NotApplicableError("no_map")
    fields = []
    for layer in layers:
        geometry = receptive_field.locate(material.model, layer.name, material.input_shape)
        _, height, width = layer.output_shape
        box = geometry.box((height - 1) // 2, (width - 1) // 2)
        fields.append(Field(f"{material.name(layer.name)} {layer.kind}", box))
    image = material.shown(material.images[material.examples[:1]])[0]
    _, height, width = material.input_shape
    last = fields[-1].box
    return content.Content(
        {"fields": draw_fields(image, fields, material.lang)},
        {
            "layer": fields[-1].layer,
            "size": f"{last[2] - last[0]} × {last[3] - last[1]}",
            "image_size": f"{height} × {width}",
        },
    )
