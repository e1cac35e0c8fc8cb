"""The callbacks of recipes, run by a real trainer."""

from __future__ import annotations

from hw_cnn import callbacks
from tests.hw_cnn import recorded


def test_drop_learning_rate(tmp_path):
    module = recorded.Recorded()
    recorded.trainer(tmp_path, callbacks.DropLearningRate(epoch=1, factor=0.2)).fit(module)
    assert module.rates == [0.5, 0.5, 0.1, 0.1, 0.1, 0.1]
