"""Pictures of what `hw_cnn.interpret` finds: each function takes data and gives a matplotlib Figure.

Drawing needs matplotlib (the extra `explain`); nothing else in the package imports it.
"""

from __future__ import annotations

from hw_cnn import _lazy

_MODULES = {
    "draw_attributions": "hw_cnn.interpret.figures.gradients",
    "draw_blocks": "hw_cnn.interpret.figures.blocks",
    "draw_confusion": "hw_cnn.interpret.figures.mistakes",
    "draw_costs": "hw_cnn.interpret.figures.costs",
    "draw_embedding": "hw_cnn.interpret.figures.embedding_map",
    "draw_fields": "hw_cnn.interpret.figures.receptive_field",
    "draw_filters": "hw_cnn.interpret.figures.filters",
    "draw_grad_cam": "hw_cnn.interpret.figures.grad_cam",
    "draw_kernels": "hw_cnn.interpret.figures.kernels",
    "draw_maximised": "hw_cnn.interpret.figures.maximisation",
    "draw_mistakes": "hw_cnn.interpret.figures.mistakes",
    "draw_occlusion": "hw_cnn.interpret.figures.occlusion",
    "draw_outputs": "hw_cnn.interpret.figures.activations",
    "draw_patches": "hw_cnn.interpret.figures.patches",
    "draw_shares": "hw_cnn.interpret.figures.shares",
    "draw_shift_curve": "hw_cnn.interpret.figures.shift_curve",
    "draw_stacks": "hw_cnn.interpret.figures.stacks",
    "save": "hw_cnn.interpret.figures.canvas",
}

__all__ = list(_MODULES)

__getattr__ = _lazy.exports(__name__, _MODULES)
