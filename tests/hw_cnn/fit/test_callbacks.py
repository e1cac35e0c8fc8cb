"""The callbacks of `hw-cnn fit`, run by a real trainer."""

from __future__ import annotations

from hw_cnn.fit import callbacks
from tests.hw_cnn import recorded


def test_epoch_lines(tmp_path, capsys):
    recorded.trainer(tmp_path, callbacks.EpochLines()).fit(recorded.Recorded())
    lines = capsys.readouterr().err.splitlines()
    assert lines[-4:] == ["training on cpu", *(f"epoch {n}/3  train_loss 0.2500" for n in (1, 2, 3))]


def test_print_predictions(tmp_path, capsys):
    recorded.trainer(tmp_path, callbacks.PrintPredictions()).predict(recorded.Recorded())
    assert capsys.readouterr().out.splitlines()[-4:] == ["index,prediction", "0,0", "1,1", "2,10"]
