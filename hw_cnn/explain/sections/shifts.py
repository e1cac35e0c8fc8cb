"""Accuracy on shifted images: this network against a fully connected one, trained on the spot."""

from __future__ import annotations

# By its module, so that what a student wrote is seen.
import hw_cnn.interpret.shift_curve as shifting
from hw_cnn.explain import content, dense, texts
from hw_cnn.explain.material import Material
from hw_cnn.interpret.figures import words
from hw_cnn.interpret.figures.shift_curve import draw_shift_curve

MAX_SHIFT_PX = 8
NUM_MACS = 5e11


def draw(material: Material) -> content.Content:
    """Draw accuracy against shift, up to a quarter of the image."""
    _, height, width = material.input_shape
    max_shift_px = min(MAX_SHIFT_PX, min(height, width) // 4)
    # Each distance is measured in several directions.
    num_images = material.affordable(NUM_MACS / (8 * max_shift_px), 20, min(1000, len(material.labels)))
    images, labels = material.images[:num_images], material.labels[:num_images]
    rival = dense.train(material.data, material.input_shape, material.num_classes)
    say = texts.of(material.lang)["shifts"]
    names = {
        "own": say["own"].format(name=material.network_name),
        "dense": say["dense"].format(sizes="–".join(map(str, rival.sizes))),
    }
    curves = {
        name: [
            float(accuracy)
            for accuracy in shifting.shift_curve(model, images, labels, max_shift_px, material.background)
        ]
        for name, model in ((names["own"], material.model), (names["dense"], rival.model))
    }
    own, other = curves.values()
    # At the largest shifts digits leave the image, and every network guesses: the middle tells more.
    told = max_shift_px // 2
    return content.Content(
        {"shifts": draw_shift_curve(curves, material.num_classes, material.lang)},
        {
            "network": material.network_name,
            "max_shift": str(max_shift_px),
            "shift": str(told),
            "own_still": words.percent(own[0], material.lang),
            "own_moved": words.percent(own[told], material.lang),
            "dense_still": words.percent(other[0], material.lang),
            "dense_moved": words.percent(other[told], material.lang),
            "num_train": str(rival.num_images),
            "num_epochs": str(rival.num_epochs),
            "num_images": str(num_images),
        },
    )
