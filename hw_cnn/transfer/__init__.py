"""Features of a trained network for another task: embedding, linear probe, nearest neighbours, fine-tuning.

A. Sharif Razavian, H. Azizpour, J. Sullivan, S. Carlsson, "CNN features off-the-shelf: an astounding baseline for
recognition", 2014 (arXiv 1403.6382).
"""

from __future__ import annotations

from hw_cnn import _lazy

_MODULES = {
    "Backbone": "hw_cnn.transfer.backbones",
    "Finetuning": "hw_cnn.transfer.finetuning",
    "PooledLayers": "hw_cnn.transfer.pooled_layers",
    "PretrainedNet": "hw_cnn.transfer.finetuning",
    "Probe": "hw_cnn.transfer.probe",
    "embed": "hw_cnn.transfer.embedding",
    "linear_probe": "hw_cnn.transfer.probe",
    "load_backbone": "hw_cnn.transfer.backbones",
    "nearest": "hw_cnn.transfer.retrieval",
    "new_head": "hw_cnn.transfer.finetuning",
}

__all__ = list(_MODULES)

__getattr__ = _lazy.exports(__name__, _MODULES)


def __dir__() -> list[str]:
    return sorted(__all__)
