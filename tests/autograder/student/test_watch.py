"""`hw-cnn check --watch` in a real process: saved, checked again, ended by Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.autograder.student.support import RUN, write


@pytest.mark.skipif(sys.platform == "win32", reason="a process cannot be sent Ctrl-C alone there")
def test_each_save_is_checked_until_ctrl_c(bundle: Path, sources: dict[str, str]) -> None:
    # A shell that starts tests in the background has them ignore Ctrl-C, and what they start inherits it.
    listening = f"import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n{RUN}"
    command = [sys.executable, "-u", "-c", listening, "check", "J1", "--watch"]
    env = {**os.environ, "PYTHONPATH": str(bundle), "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(command, cwd=bundle, env=env, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None

    def lines_until(start: str) -> list[str]:
        found = []
        for line in process.stdout or ():
            found.append(line.rstrip("\n"))
            if line.startswith(start):
                return found
        raise AssertionError(found)

    try:
        assert "task J1 is not written yet: topk_error (cell J1 (code cell 42))" in lines_until("Waiting")
        (bundle / "mine.py").write_text("ONE = 1\n")
        write(bundle, {"J1": f"from mine import ONE\n{sources['J1']}"})
        said = lines_until("Waiting")
        assert said[0].startswith("--- ")
        assert said[0].endswith("saved: mine.py, seminar_cnn.ipynb")
        assert "J1: all public tests pass (5)" in said
        write(bundle, {"J1": "def topk_error(logits, targets, ks=(1, 5)):\n    return {}\n"})
        assert "J1: 5 of 5 public tests fail" in lines_until("Waiting")
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=60)
    finally:
        process.kill()
    assert rest.strip() == "No longer watching."
    assert process.returncode == 0
