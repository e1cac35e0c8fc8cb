"""The folder workers see: the edition with one student's files in place, and nothing of the project."""

from __future__ import annotations

import ast
import importlib.util
import os
from pathlib import Path

import pytest

from autograder.sandbox.host.stage import RUNTIME, Stage
from tests.autograder.sandbox_support import EDITION

pytest_plugins = ["tests.autograder.sandbox_support"]


def everything(root: Path) -> dict[str, bytes]:
    found = {}
    for folder, _, names in os.walk(root, followlinks=True):
        for name in names:
            path = Path(folder) / name
            if path.suffix != ".pyc":
                found[str(path.relative_to(root))] = path.read_bytes()
    return found


def test_an_overlay_is_the_edition_with_the_students_files(stage: Stage) -> None:
    package = {"hw_cnn/layers/double.py": b"def double(x): return x + x\n", "hw_cnn/new/extra.py": b""}
    overlay = stage.make_overlay(package)
    assert everything(overlay) == EDITION | package
    stage.remove_overlay(overlay)
    assert everything(stage.edition) == EDITION


def test_unchanged_parts_are_links_and_stay_compiled(stage: Stage) -> None:
    overlay = stage.make_overlay({"hw_cnn/layers/double.py": b"changed = 1\n"})
    assert (overlay / "hw_cnn/scratch.py").is_symlink()
    assert (overlay / "hw_cnn/__pycache__").is_symlink()
    assert not (overlay / "hw_cnn/layers/__pycache__").exists()  # nothing stale beside the changed file
    assert not (overlay / "hw_cnn/layers/double.py").is_symlink()
    stage.remove_overlay(overlay)


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "hw_cnn/../../x.py", "torch/__init__.py", "hw_cnn", "hw_cnn\\a.py"]
)
def test_a_path_outside_the_package_is_refused(stage: Stage, name: str) -> None:
    with pytest.raises(ValueError, match="not the path of a file below hw_cnn/"):
        stage.make_overlay({name: b""})


def test_site_has_third_party_packages_and_none_of_ours(stage: Stage) -> None:
    names = {path.name.lower() for path in stage.site.iterdir()}
    assert {"torch", "numpy", "lightning"} <= names
    ours = [
        name
        for name in names
        if name.startswith(("hw_cnn", "hw-cnn", "autograder", "_editable", "__editable"))
    ]
    assert ours == []
    assert [name for name in names if name.endswith((".pth", ".egg-link"))] == []


def test_runtime_holds_the_workers_folders_and_nothing_else_of_the_grader(stage: Stage) -> None:
    sources = {path.relative_to(stage.runtime / "autograder") for path in stage.runtime.rglob("*.py")}
    folders = {path.parent.as_posix() for path in sources}
    assert folders == {*RUNTIME, ".", "sandbox"}
    assert {path.as_posix() for path in sources if path.parent.as_posix() in (".", "sandbox")} == {
        "__init__.py", "sandbox/__init__.py",
    }  # fmt: skip


def test_runtime_imports_nothing_that_it_does_not_hold(stage: Stage) -> None:
    allowed = tuple(f"autograder.{name.replace('/', '.')}." for name in RUNTIME)
    sources = list(stage.runtime.rglob("*.py"))
    assert len(sources) > 20
    for path in sources:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            ours = [name for name in names if name.split(".")[0] in ("autograder", "hw_cnn")]
            assert all(name.startswith(allowed) for name in ours), f"{path.name} imports {ours}"


def test_compiled_files_are_those_of_the_edition(stage: Stage) -> None:
    source = stage.edition / "hw_cnn/scratch.py"
    compiled = Path(importlib.util.cache_from_source(str(source))).read_bytes()
    assert int.from_bytes(compiled[4:8], "little") == 0b01  # hash-based, unchecked (PEP 552)


def test_everything_is_removed_at_the_end() -> None:
    with Stage(EDITION) as stage:
        stage.make_overlay({})
        root = stage.root
    assert not root.exists()


def test_a_forked_child_does_not_remove_the_stage(stage: Stage) -> None:
    pid = os.fork()
    if pid == 0:
        stage.close()
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0
    assert stage.root.exists()
