"""`scripts/check_pins.py` with a real pip: at an index made of files, and over the pins of this project."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = ROOT / "scripts" / "check_pins.py"
LINUX = "manylinux_2_28_x86_64"
INDEX = {
    "pip": ["pip-26.0-py3-none-any.whl"],
    "pure": ["pure-1.0-py3-none-any.whl"],
    "broad": ["broad-1.0-py3-none-any.whl", "broad-1.1-py3-none-any.whl"],
    "fast": [f"fast-2.0-cp311-cp311-{LINUX}.whl", f"fast-2.0-cp314-cp314-{LINUX}.whl"],
    "stable": [f"stable-0.1-cp310-abi3-{LINUX}.whl"],
    "young": ["young-4.1-py3-none-any.whl", "young-2.10-py3-none-any.whl"],
    "late": [f"late-1.0-cp311-cp311-{LINUX}.whl", "late-1.0.tar.gz"],
    "source": ["source-3.tar.gz"],
    "beta": ["beta-1.0b2-py3-none-any.whl"],
    "glibc": ["glibc-1.0-cp311-cp311-manylinux_2_39_x86_64.whl"],
    "apple": ["apple-1.0-cp311-cp311-macosx_11_0_arm64.whl"],
}
NEEDS = {"young-4.1-py3-none-any.whl": "&gt;=3.12"}
PROGRAM = """
import check_pins, sys
pins = dict(pin.split("==") for pin in sys.argv[1:])
for problem in check_pins.bad_pins(pins, ["3.11", "3.14"]):
    print(problem)
"""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("simple")
    for name, files in INDEX.items():
        links = [
            f'<a href="{file}" data-requires-python="{NEEDS.get(file, "")}">{file}</a>' for file in files
        ]
        (folder / name).mkdir()
        (folder / name / "index.html").write_text("<!DOCTYPE html><body>" + "<br>".join(links))
    return folder


def ask(index: Path, *pins: str) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    env |= {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": index.as_uri(), "PYTHONPATH": str(SCRIPT.parent)}
    command = [sys.executable, "-c", PROGRAM, *pins]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=300, check=False)


def test_each_pin_that_a_plain_pip_does_not_find_is_one_sentence(index: Path) -> None:
    good = ["pure==1.0", "fast==2.0", "stable==0.1", "source==3", "beta==1.0b2"]
    bad = {
        "young==4.1": "for Python 3.11 on the index, which has 2.10",
        "late==1.0": "for Python 3.14 on the index, which has nothing",
        "glibc==1.0": "for Python 3.11, 3.14 on the index, which has nothing",
        "apple==1.0": "for Python 3.11, 3.14 on the index, which has nothing",
        "broad==1.2": "for Python 3.11, 3.14 on the index, which has 1.1, 1.0",
        "nowhere==1": "for Python 3.11, 3.14 on the index, which has nothing",
    }
    done = ask(index, *good, *bad)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [f"{pin} has no file {where}" for pin, where in bad.items()]


def test_an_index_out_of_reach_is_no_bad_pin(tmp_path: Path) -> None:
    done = ask(tmp_path, "pure==1.0")
    assert done.returncode == 1
    assert done.stdout == ""
    assert "OSError: pip does not reach its index: ERROR: No matching distribution" in done.stderr


def test_what_pyproject_asks_for_is_pinned() -> None:
    functions = runpy.run_path(str(SCRIPT))
    pins = functions["read_pins"]((ROOT / "constraints.txt").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = functions["direct_dependencies"](project)
    assert {"torch", "pytest", "sphinx", "jsonargparse"} <= set(asked)
    assert set(asked) <= set(pins)


def test_names_are_compared_as_the_index_spells_them() -> None:
    functions = runpy.run_path(str(SCRIPT))
    assert functions["read_pins"]("# head\nTyping_Extensions==4.16.0  # why\n\n") == {
        "typing-extensions": "4.16.0"
    }
    project = {
        "name": "our.own",
        "dependencies": ["A_b[x]>=1,<2", "torch"],
        "optional-dependencies": {"dev": ["our-own[docs]", "torch>=2"], "docs": ["C==1"]},
    }
    asked = functions["direct_dependencies"](project)
    assert asked == {"a-b": "dependencies", "torch": "dependencies", "c": "the extra docs"}


@pytest.mark.parametrize("line", ["torch>=2", "torch", "torch==2; python_version > '3'", "-r other.txt"])
def test_a_line_that_is_no_pin_is_named(line: str) -> None:
    with pytest.raises(ValueError, match=r"line 2 of constraints.txt is .*: write name==version"):
        runpy.run_path(str(SCRIPT))["read_pins"](f"numpy==2.4.6\n{line}\n")


def test_pythons_are_those_that_the_project_supports() -> None:
    supported_pythons = runpy.run_path(str(SCRIPT))["supported_pythons"]
    assert supported_pythons(">=3.11,<3.15") == ["3.11", "3.12", "3.13", "3.14"]
    with pytest.raises(ValueError, match=r"write >=3\.A,<3\.B"):
        supported_pythons(">=3.11")
