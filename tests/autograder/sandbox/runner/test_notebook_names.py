"""Names that Jupyter gives to every cell: they exist, and change nothing but the folder and the environment."""

from __future__ import annotations

import builtins
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from autograder.sandbox.runner.notebook_names import provide

BUILTINS = ("display", "get_ipython", "__IPYTHON__")


@pytest.fixture
def bare_builtins() -> Iterator[None]:
    """As in an interpreter that has run no notebook."""
    before = {name: vars(builtins).pop(name) for name in BUILTINS if name in vars(builtins)}
    yield
    for name in BUILTINS:
        vars(builtins).pop(name, None)
    vars(builtins).update(before)


@pytest.fixture
def namespace(bare_builtins: None) -> dict[str, Any]:
    made: dict[str, Any] = {}
    provide(made)
    return made


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("display()", None),
        ("display(1, 'two', clear=True)", None),
        ("__IPYTHON__", True),
        ("In", [""]),
        ("Out", {}),
        ("(_, __, ___)", ("", "", "")),
        ("exit()", None),
        ("quit(1)", None),
        ("type(get_ipython()).__name__", "ZMQInteractiveShell"),
        ("get_ipython() is get_ipython()", True),
        ("get_ipython().user_ns is globals()", True),
        ("get_ipython().system('ls')", None),
        ("get_ipython().getoutput('ls', split=True)", []),
        ("get_ipython().run_line_magic('matplotlib', 'inline')", None),
        ("get_ipython().run_line_magic('time', 'x', 2)", None),
        ("get_ipython().run_cell_magic('bash', '', 'exit 1')", None),
        ("get_ipython().magic('matplotlib inline')", None),
        ("get_ipython().set_next_input('x = 1')", None),
        ("hasattr(get_ipython(), '_repr_html_')", False),
    ],
)
def test_a_name_is_there_and_does_nothing(
    namespace: dict[str, Any], expression: str, expected: object
) -> None:
    assert eval(expression, namespace) == expected


def test_modules_that_the_notebook_imports_have_display_alone(namespace: dict[str, Any]) -> None:
    assert eval("display(1)", {}) is None
    assert "display" not in namespace, "a notebook may bind it, and delete it again"
    with pytest.raises(NameError):
        eval("get_ipython()", {})


def test_libraries_do_not_draw_for_a_browser(namespace: dict[str, Any]) -> None:
    assert Console().is_jupyter is False


def test_names_of_the_student_stay(bare_builtins: None) -> None:
    namespace: dict[str, Any] = {"_": 7, "exit": len, "In": "mine"}
    provide(namespace)
    namespace["Out"][1] = 5
    provide(namespace)
    assert (namespace["_"], namespace["exit"], namespace["In"], namespace["Out"]) == (7, len, "mine", {1: 5})


def test_in_a_kernel_the_shell_stays_the_kernels(
    bare_builtins: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(builtins, "get_ipython", lambda: "kernel", raising=False)
    monkeypatch.setattr(builtins, "display", print, raising=False)
    provide({})
    assert eval("get_ipython()", {}) == "kernel"
    assert eval("display", {}) is print


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("run_line_magic('cd', 'src')", "src"),
        ("run_line_magic('cd', ' src ')", "src"),
        ("run_line_magic('cd', '\"a b\"')", "a b"),
        ("run_line_magic('cd', \"'a b'\")", "a b"),
        ("run_line_magic('cd', '~/src')", "src"),
        ("run_line_magic('cd', 'src/deep')", "src/deep"),
        ("run_line_magic('cd', '-q src')", "src"),
        ("run_line_magic('cd', '$root')", "src"),
        ("run_line_magic('cd', '{root}/deep')", "src/deep"),
        ("run_line_magic('pushd', 'src')", "src"),
        ("magic('cd src')", "src"),
        ("magic('%cd src')", "src"),
        ("run_line_magic('cd', '')", "."),
        ("run_line_magic('cd')", "."),
        ("run_line_magic('pwd', 'src')", "."),
        ("system('cd src')", "."),
    ],
)
def test_the_current_folder(
    namespace: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, expected: str
) -> None:
    (tmp_path / "src" / "deep").mkdir(parents=True)
    (tmp_path / "a b").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    namespace["root"] = "src"
    eval(f"get_ipython().{call}", namespace)
    assert Path.cwd() == (tmp_path / expected).resolve()


@pytest.mark.parametrize(("there", "back"), [("pushd src", "popd"), ("cd src", "cd -")])
def test_the_folder_before(
    namespace: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: str, back: str
) -> None:
    (tmp_path / "src").mkdir()
    monkeypatch.chdir(tmp_path)
    shell = namespace["get_ipython"]()
    for line in (there, back):
        shell.magic(line)
    assert Path.cwd() == tmp_path.resolve()
    shell.magic("popd")
    assert Path.cwd() == tmp_path.resolve()


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("run_line_magic('env', 'SCALE=2')", "2"),
        ("run_line_magic('env', 'SCALE = a b')", "a b"),
        ("run_line_magic('env', 'SCALE 2')", "2"),
        ("run_line_magic('set_env', 'SCALE=2')", "2"),
        ("magic('env SCALE=2')", "2"),
        ("run_line_magic('env', 'SCALE')", "1"),
        ("run_line_magic('env')", "1"),
        ("run_line_magic('time', 'SCALE=2')", "1"),
    ],
)
def test_the_environment(
    namespace: dict[str, Any], monkeypatch: pytest.MonkeyPatch, call: str, expected: str
) -> None:
    monkeypatch.setenv("SCALE", "1")
    eval(f"get_ipython().{call}", namespace)
    assert os.environ["SCALE"] == expected


def test_a_folder_that_is_not_there_is_an_exception(namespace: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        eval(f"get_ipython().run_line_magic('cd', {str(tmp_path / 'absent')!r})", namespace)
