"""The patches that excite channels most."""

from __future__ import annotations

from hw_cnn.explain import content
from hw_cnn.explain.material import Material
from hw_cnn.interpret import patches
from hw_cnn.interpret.figures.patches import Row, draw_patches

NUM_CHANNELS, NUM_PATCHES = 6, 6
NUM_MACS = 5e11
# A patch that is nearly the whole image would say nothing about a part.
SHARE_SEEN = 0.75


def draw(material: Material) -> content.Content:
    """Draw patches for the first convolution and for the last one that sees a part of the image only."""
    if not material.convolutions:
        raise content.NotApplicableError("no_convolution")
    first, *others = material.convolutions
    _, height, width = material.input_shape
    inside = [
        layer
        for layer in others
        if layer.receptive_field_px[0] <= SHARE_SEEN * height
        and layer.receptive_field_px[1] <= SHARE_SEEN * width
    ]
    layers = [first, *inside[-1:]]
    num_images = material.affordable(
        NUM_MACS / NUM_CHANNELS / len(layers), 2 * NUM_PATCHES, len(material.labels)
    )
    figures_of = {
        f"patches-{number}": draw_patches(
            _rows(material, layer.name, num_images), material.name(layer.name), material.lang
        )
        for number, layer in enumerate(layers, 1)
    }
    return content.Content(
        figures_of,
        {
            "layers": ", ".join(material.name(layer.name) for layer in layers),
            "num_images": str(num_images),
        },
    )


def _rows(material: Material, layer: str, num_images: int) -> list[Row]:
    images = material.images[:num_images]
    num_channels = {one.name: one.output_shape[0] for one in material.convolutions}[layer]
    rows = []
    for channel in range(min(NUM_CHANNELS, num_channels)):
        strongest = patches.top_patches(material.model, images, layer, channel, min(NUM_PATCHES, len(images)))
        top, left = map(int, strongest.corners[0])
        height, width = strongest.patches.shape[2:]
        rows.append(
            Row(
                channel,
                material.shown(strongest.patches),
                strongest.values.tolist(),
                material.shown(images[int(strongest.indices[0])]),
                (top, left, top + height, left + width),
            )
        )
    return rows
