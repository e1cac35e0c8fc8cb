"""Looking inside a trained network: what its layers give, what they answer to, and what the answer hangs on.

Every function takes any network that turns images (N, C, H, W) into one score per class, finds layers by their dotted
names (those of `named_modules()`), works on the device of the network's parameters and in evaluation mode, and leaves
the network and all random number generators as they were. It returns data; `hw_cnn.interpret.figures` draws them.

The score of a class is the network's output of that number; the largest wins. In LeNet1998 the *smallest* distance
wins: give its recipe (`hw_cnn.recipes.lenet5_1998.LeNet1998Recipe`), whose outputs are minus the distances; names of
layers then begin with `model.`. With the bare network the signs of saliency and occlusion are turned round.
"""

from __future__ import annotations

from hw_cnn import _lazy

# `grad_cam`, `mistakes` and `shift_curve` are not here: these are modules, each with a function of the same name. So is
# `receptive_field`, a module beside the function of that name in `fields`.
_MODULES = {
    "GradCAM": "hw_cnn.interpret.grad_cam",
    "Geometry": "hw_cnn.interpret.receptive_field",
    "KERNELS": "hw_cnn.interpret.kernels",
    "TopPatches": "hw_cnn.interpret.patches",
    "evaluating": "hw_cnn.interpret.preserved",
    "first_filters": "hw_cnn.interpret.filters",
    "input_support": "hw_cnn.interpret.fields",
    "integrated_gradients": "hw_cnn.interpret.gradients",
    "layer_outputs": "hw_cnn.interpret.activations",
    "locate": "hw_cnn.interpret.receptive_field",
    "maximise_channel": "hw_cnn.interpret.maximisation",
    "occlusion_map": "hw_cnn.interpret.occlusion",
    "pca": "hw_cnn.interpret.embedding_map",
    "pool_report": "hw_cnn.interpret.pooled",
    "saliency": "hw_cnn.interpret.gradients",
    "smooth_grad": "hw_cnn.interpret.gradients",
    "top_patches": "hw_cnn.interpret.patches",
}

__all__ = list(_MODULES)

__getattr__ = _lazy.exports(__name__, _MODULES)
