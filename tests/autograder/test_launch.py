"""Ctrl-C at any moment of a start: a sentence and exit code 130, never a traceback."""

from __future__ import annotations

import signal
import subprocess
import sys
import tomllib

import pytest

from tests.machines import ROOT

# Ctrl-C comes when Python first looks for a module, which is while the commands are being imported.
STOPPED_AT = """
import os, signal, sys
from autograder.launch import main

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)

signal.signal(signal.SIGINT, signal.default_int_handler)
sys.meta_path.insert(0, Finder())
sys.argv = ["autograder", "--version"]
main()
"""


@pytest.mark.parametrize("module", ["autograder.cli", "typer", "pydantic", "autograder.results.store"])
def test_a_stop_while_the_commands_are_imported_is_a_sentence(module: str) -> None:
    code = STOPPED_AT.format(module=module)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stdout) == (128 + signal.SIGINT, ""), done.stderr
    assert done.stderr == "autograder: stopped before it began; nothing was changed\n"


def test_it_is_the_console_script() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["scripts"]["autograder"] == "autograder.launch:main"
