"""Which part of an image the network cannot do without."""

from __future__ import annotations

from hw_cnn.explain import content
from hw_cnn.explain.material import Material
from hw_cnn.interpret import occlusion
from hw_cnn.interpret.figures.occlusion import draw_occlusion

NUM_MACS = 8e11


def draw(material: Material) -> content.Content:
    """Cover a square of a fifth of the image's side at every place that can be afforded."""
    _, height, width = material.input_shape
    window = max(2, round(min(height, width) / 5))
    places = material.affordable(NUM_MACS / len(material.examples), 60, 1200)
    stride = 1
    while ((height - window) // stride + 1) * ((width - window) // stride + 1) > places:
        stride += 1
    images = material.images[material.examples]
    maps = [
        occlusion.occlusion_map(
            material.model, image, int(label), window, stride=stride, fill=material.background
        )
        for image, label in zip(images, material.labels[material.examples], strict=True)
    ]
    figure = draw_occlusion(
        material.shown(images), maps, material.names(material.examples), window, stride, material.lang
    )
    return content.Content(
        {"occlusion": figure}, {"window": f"{window} × {window}", "places": str(maps[0].numel())}
    )
