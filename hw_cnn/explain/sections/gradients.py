"""Which pixels decide: gradient, SmoothGrad and integrated gradients side by side."""

from __future__ import annotations

from hw_cnn.explain import content
from hw_cnn.explain.material import Material
from hw_cnn.interpret import gradients
from hw_cnn.interpret.figures.gradients import draw_attributions

NUM_MACS = 8e11


def draw(material: Material) -> content.Content:
    """Draw the three attributions of each example to its true class."""
    images, labels = material.images[material.examples], material.labels[material.examples]
    num_passes = material.affordable(NUM_MACS / 3 / len(images), 15, 75)
    num_samples, num_steps = num_passes // 3, 2 * num_passes // 3
    model = material.model
    attributions = {
        "saliency": gradients.saliency(model, images, labels),
        "smooth_grad": gradients.smooth_grad(model, images, labels, num_samples=num_samples),
        "integrated_gradients": gradients.integrated_gradients(
            model, images, labels, baseline=material.background, num_steps=num_steps
        ),
    }
    figure = draw_attributions(
        material.shown(images), attributions, material.names(material.examples), material.lang
    )
    return content.Content(
        {"gradients": figure}, {"num_samples": str(num_samples), "num_steps": str(num_steps)}
    )
