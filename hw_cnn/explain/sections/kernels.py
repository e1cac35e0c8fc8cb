"""The lecture's kernels on a photograph."""

from __future__ import annotations

from hw_cnn.explain import content, texts
from hw_cnn.explain.material import Material
from hw_cnn.interpret import kernels
from hw_cnn.interpret.figures.kernels import Filtered, draw_kernels


def draw(material: Material) -> content.Content:
    """Draw every kernel, and the misprint once more divided by its sum: then the blur can be seen."""
    photo = kernels.photo().float()
    # The face: on the whole photo a kernel of three pixels could hardly be seen.
    _, height, width = photo.shape
    photo = photo[:, int(0.02 * height) : int(0.52 * height), int(0.23 * width) : int(0.73 * width)]
    say = texts.of(material.lang)
    filtered = [
        Filtered(say["kernels"].get(name, name), kernel, kernels.apply(photo[None], kernel)[0])
        for name, kernel in kernels.KERNELS.items()
    ]
    misprint = kernels.KERNELS["misprint"]
    divided = misprint / misprint.sum()
    filtered.append(Filtered(say["kernels"]["divided"], divided, kernels.apply(photo[None], divided)[0]))
    return content.Content({"kernels": draw_kernels(filtered, material.lang)})
