"""What the layers make of one image."""

from __future__ import annotations

from hw_cnn.explain import content
from hw_cnn.explain.material import Material
from hw_cnn.interpret import activations
from hw_cnn.interpret.figures.activations import draw_outputs

NUM_LAYERS = 6


def draw(material: Material) -> content.Content:
    """Draw the first channels of some layers, from the first to the last that has places."""
    layers = content.evenly(material.maps, NUM_LAYERS)
    if not layers:
        raise content.NotApplicableError("no_map")
    index = int(material.examples[len(material.examples) // 2])
    image = material.images[index : index + 1]
    outputs = activations.layer_outputs(material.model, image, [layer.name for layer in layers])
    figure = draw_outputs(
        material.shown(image)[0],
        {material.name(name): output[0] for name, output in outputs.items()},
        material.lang,
        {material.name(layer.name): layer.kind for layer in layers},
    )
    return content.Content({"outputs": figure}, {"class": material.class_names[int(material.labels[index])]})
