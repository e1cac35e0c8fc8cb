"""Importing the package loads nothing heavy; looking at data draws nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest

from hw_cnn import interpret
from hw_cnn.interpret import occlusion


def run_python(code: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr


def test_importing_loads_no_torch():
    run_python("import hw_cnn.interpret, sys; assert not {'torch', 'numpy', 'matplotlib'} & set(sys.modules)")


def test_data_functions_load_no_matplotlib_and_no_lightning():
    run_python(
        "import importlib, pkgutil, sys, hw_cnn.interpret as package\n"
        "for module in pkgutil.iter_modules(package.__path__):\n"
        "    if module.name != 'figures':\n"
        "        importlib.import_module(f'hw_cnn.interpret.{module.name}')\n"
        "assert 'torch' in sys.modules\n"
        "assert not {'matplotlib', 'lightning', 'captum'} & set(sys.modules)"
    )


def test_exports_exist_and_follow_a_replaced_definition(monkeypatch):
    for name in interpret.__all__:
        assert getattr(interpret, name) is not None
    monkeypatch.setattr(occlusion, "occlusion_map", len)
    assert interpret.occlusion_map is len
    with pytest.raises(AttributeError, match="has no attribute 'heatmap'; it exports GradCAM"):
        _ = interpret.heatmap


def test_modules_with_a_function_of_their_name_are_modules():
    names = ("grad_cam", "mistakes", "shift_curve")
    run_python(
        f"from hw_cnn.interpret import {', '.join(names)}\n"
        f"for module in ({', '.join(names)}):\n"
        "    assert callable(getattr(module, module.__name__.rpartition('.')[2]))"
    )
