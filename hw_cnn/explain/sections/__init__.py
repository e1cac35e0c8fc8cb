"""The sections of the page, one module each: `draw(material)` gives a Content or raises NotApplicableError."""

from __future__ import annotations

# In the order of the page: from the image to the network's answers.
NAMES = (
    "kernels",
    "filters",
    "outputs",
    "fields",
    "patches",
    "maximisation",
    "occlusion",
    "gradients",
    "grad_cam",
    "mistakes",
    "embedding",
    "shifts",
)
