"""Images made to excite channels and classes."""

from __future__ import annotations

import torch
from torch import nn

from hw_cnn.explain import content
from hw_cnn.explain.material import Material
from hw_cnn.interpret import maximisation
from hw_cnn.interpret.figures import words
from hw_cnn.interpret.figures.maximisation import draw_maximised

NUM_CHANNELS = 6
MAX_CLASSES = 10
NUM_MACS = 8e11
STEPS = (15, 120)
# Of a large network a few images are better than many that have hardly begun.
MIN_IMAGES = 3


def draw(material: Material) -> content.Content:
    """Draw images for the first channels of the last convolution, and for the classes."""
    # A step is a pass forward and one back, which costs twice as much.
    most = material.affordable(NUM_MACS / 3 / STEPS[0] / 2, MIN_IMAGES, MAX_CLASSES)
    jobs = []
    if material.convolutions:
        layer = material.convolutions[-1]
        names = [
            words.say("channel", material.lang, channel=channel)
            for channel in range(min(most, NUM_CHANNELS, layer.output_shape[0]))
        ]
        jobs.append(("maximised-channels", layer.name, names))
    classes = _class_layer(material)
    if classes is not None:
        jobs.append(("maximised-classes", classes, list(material.class_names[:most])))
    if not jobs:
        raise content.NotApplicableError("no_convolution")
    num_steps = material.affordable(NUM_MACS / 3 / sum(len(names) for _, _, names in jobs), *STEPS)
    drawn = {}
    for file, layer_name, names in jobs:
        images = torch.stack(
            [
                maximisation.maximise_channel(
                    material.model, layer_name, channel, material.input_shape, num_steps=num_steps
                )
                for channel in range(len(names))
            ]
        )
        title = None if layer_name == classes else material.name(layer_name)
        drawn[file] = draw_maximised(images, names, title, material.lang)
    return content.Content(drawn, {"num_steps": str(num_steps)})


def _class_layer(material: Material) -> str | None:
    """Give the last layer where its outputs are the scores: LeNet-5 of 1998 ends in distances instead."""
    last = material.layers[-1]
    is_linear = isinstance(dict(material.model.named_modules())[last.name], nn.Linear)
    return last.name if is_linear and last.output_shape == (material.num_classes,) else None
