"""The assignment architectures: manifest, hidden tests, handout and planted bugs agree, and editions hold no network.

The oracles of the hidden tests are compared with torchvision's own networks. The kill matrix is checked in process
(marked nightly); `autograder validate` does it behind the sandbox in each run.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from autograder.course.assignment import Assignment, find_assignment, package_root
from autograder.course.edition import read_package
from autograder.course.manifest import Task, load_manifest
from autograder.course.variants import Variant, load_variants
from autograder.release.bundle import bundle_files
from autograder.release.leaks import scan, secrets_of
from autograder.remote.student import Student
from autograder.text import LANGS, Lang
from hw_cnn import models
from tests.assignments import support
from tests.assignments.support import COURSE

FOLDER = COURSE / "architectures"
MANIFEST = load_manifest(FOLDER)
VARIANTS = load_variants(FOLDER)
HANDOUT = (FOLDER / "handout.py").read_text(encoding="utf-8")


# What the files say.


def test_points_and_minutes() -> None:
    points = {task.id: task.points for task in MANIFEST.tasks}
    assert points == {"I2": 14, "I2b": 4, "I3": 4, "I4": 12, "I4b": 6, "I5": 10}
    assert MANIFEST.max_score == 46  # the loss of LeNet-5 is a bonus
    assert sum(task.minutes for task in MANIFEST.tasks if not task.bonus) <= MANIFEST.budget_minutes


def test_hidden_tests_take_nothing_but_codes_from_the_reference() -> None:
    paths = list((FOLDER / "hidden").glob("test_*.py"))
    assert len(paths) == len(MANIFEST.tasks)
    for path in paths:
        source = path.read_text(encoding="utf-8")
        assert set(re.findall(r"lenet5_1998\.(\w+)", source)) <= {"digit_codes"}
        assert re.findall(r"from hw_cnn\S* import (\w+)", source) in ([], ["lenet5_1998"])


def test_the_table_of_the_handout_is_the_papers() -> None:
    for lang in LANGS:
        text = next(
            text
            for header, text in support.cells(HANDOUT)
            if f'lang="{lang}"' in header and "| **0** |" in text
        )
        rows = re.findall(r"\| \*\*\d\*\* \|(.*)\|", text)
        assert len(rows) == 6
        marks = [[cell.strip() == "×" for cell in row.split("|")] for row in rows]
        table = tuple("".join(str(i) for i in range(6) if marks[i][j]) for j in range(16))
        assert table == support.hidden_module(FOLDER, MANIFEST.task("I2")).TABLE
        assert [sum(row) for row in marks] == [10] * 6


def test_each_task_has_many_bugs_and_two_other_ways() -> None:
    for task in MANIFEST.tasks:
        kinds = [variant.kind for variant in VARIANTS if variant.task == task.id]
        assert kinds.count("bug") >= 8
        assert kinds.count("correct") >= 2


# What students get.


@pytest.fixture(scope="module")
def assignments() -> dict[str, Assignment]:
    return {name: find_assignment(str(COURSE / name)) for name in ("architectures", "seminar_cnn")}


@pytest.mark.parametrize("lang", LANGS)
def test_release(lang: Lang, assignments: Mapping[str, Assignment]) -> None:
    made = assignments["architectures"]
    files = bundle_files(made, lang)
    scan(files, secrets_of(made))
    notebook = files["architectures.ipynb"].decode()
    for task in MANIFEST.tasks:
        assert f"public/test_{task.id.lower()}.py" in files
        for test in task.tests:
            assert test.sentence.get(lang).replace('"', '\\"') in notebook


def test_editions_hold_no_network(assignments: Mapping[str, Assignment]) -> None:
    reference = read_package(package_root())
    for made in assignments.values():
        whose = "" if made.name == "architectures" else " of the assignment architectures"
        for task in MANIFEST.tasks:
            for symbol in task.symbols:
                source = made.edition[symbol.file].decode()
                node = next(n for n in ast.parse(source).body if getattr(n, "name", None) == symbol.name)
                bodies = [node] if isinstance(node, ast.FunctionDef) else node.body
                functions = [function for function in bodies if isinstance(function, ast.FunctionDef)]
                assert functions, symbol
                for function in functions:
                    assert (
                        ast.unparse(function.body[-1])
                        == f"raise NotImplementedError('task {task.id}{whose}')"
                    )
        text = "\n".join(data.decode() for name, data in made.edition.items() if name.endswith(".py"))
        for secret in ("C3_TABLE", "TableConvolution", "LocalResponseNorm(", "(0, 1, 2, 3)"):
            assert secret in "\n".join(d.decode() for n, d in reference.items() if n.endswith(".py"))
            assert secret not in text


def test_recipes_of_editions_exist(assignments: Mapping[str, Assignment]) -> None:
    """Configurations name them: without the steps they take those of Classifier."""
    edition = assignments["seminar_cnn"].edition
    assert b"class LeNet1998Recipe(" in edition["hw_cnn/recipes/lenet5_1998.py"]
    assert b"class OneEpochRecipe(" in edition["hw_cnn/recipes/one_epoch.py"]


@pytest.mark.parametrize("name", ["architectures", "seminar_cnn"])
def test_editions_import(name: str, assignments: Mapping[str, Assignment], tmp_path: Path) -> None:
    for path, data in assignments[name].edition.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    code = (
        "import importlib, pkgutil, sys\n"
        f"sys.path.insert(0, {str(tmp_path)!r})\n"
        "import hw_cnn\n"
        f"assert hw_cnn.__file__.startswith({str(tmp_path)!r})\n"
        "for module in pkgutil.walk_packages(hw_cnn.__path__, 'hw_cnn.'):\n"
        "    importlib.import_module(module.name)\n"
        "    print(module.name)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    modules = {symbol.module for task in MANIFEST.tasks for symbol in task.symbols}
    assert modules <= set(done.stdout.split())


# The oracles, beside torchvision.


def _narrowed(network: nn.Module, width: float) -> nn.Module:
    """torchvision's network, narrower; only its first and last sizes stay."""
    first, last = True, [layer for layer in network.modules() if isinstance(layer, nn.Linear)][-1]
    for part in (network.features, network.classifier):
        for number, layer in enumerate(part):
            if isinstance(layer, nn.Conv2d):
                before = layer.in_channels if first else int(layer.in_channels * width)
                settings = {"stride": layer.stride, "padding": layer.padding}
                part[number] = nn.Conv2d(
                    before, int(layer.out_channels * width), layer.kernel_size, **settings
                )
                first = False
            elif isinstance(layer, nn.BatchNorm2d):
                part[number] = nn.BatchNorm2d(int(layer.num_features * width))
            elif isinstance(layer, nn.Linear):
                after = layer.out_features if layer is last else int(layer.out_features * width)
                part[number] = nn.Linear(int(layer.in_features * width), after)
    return network.eval()


@pytest.mark.parametrize("name", ["alexnet", "vgg16", "vgg19_bn"])
def test_oracles_are_torchvision(name: str) -> None:
    from torchvision.models import get_model

    hidden = support.hidden_module(FOLDER, MANIFEST.task("I4b" if name == "alexnet" else "I5"))
    config = {"vgg16": "D", "vgg19_bn": "E"}.get(name)
    settings = {} if config is None else {"config": config, "batch_norm": name.endswith("_bn")}
    with torch.device("meta"):
        full = get_model(name, weights=None)
    assert {key: tuple(value.shape) for key, value in full.state_dict().items()} == hidden._shapes(**settings)
    if name in ("alexnet", "vgg16"):
        expected = hidden.NUM_PARAMETERS
        assert sum(value.numel() for value in full.parameters()) == expected
    state = hidden._draw(np.random.default_rng(3), hidden._shapes(width=hidden.WIDTH, **settings))
    narrow = _narrowed(full, hidden.WIDTH)
    narrow.load_state_dict(state)
    for size in ((1, 3, 224, 224), (2, 3, 96, 160)):
        x = torch.randn(size, generator=torch.Generator().manual_seed(5))
        with torch.no_grad():
            torch.testing.assert_close(hidden._oracle(x, state, **settings), narrow(x), rtol=1e-3, atol=1e-4)


def test_the_oracle_of_normalisation_is_the_papers_formula() -> None:
    x = torch.randn(2, 7, 3, 3, generator=torch.Generator().manual_seed(1)) * 50
    expected = torch.empty_like(x)
    for i in range(7):
        near = x[:, max(0, i - 2) : i + 3]
        expected[:, i] = x[:, i] / (2 + 1e-4 * (near**2).sum(1)) ** 0.75
    torch.testing.assert_close(support.hidden_module(FOLDER, MANIFEST.task("I4"))._normalise(x), expected)
    torch_way = nn.LocalResponseNorm(5, 5e-4, 0.75, 2.0)(x)
    torch.testing.assert_close(torch_way, expected)


# The kill matrix, in process.


@pytest.fixture
def student() -> Student:
    return support.make_student(MANIFEST)


@pytest.mark.parametrize("task", MANIFEST.tasks, ids=lambda task: task.id)
def test_reference_passes(task: Task, student: Student) -> None:
    assert support.points_lost(FOLDER, task, student, salt=1) == {}


@pytest.mark.nightly
@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.id)
def test_variant_gets_what_it_deserves(
    variant: Variant, student: Student, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = MANIFEST.task(variant.task)
    support.assert_gets_what_it_deserves(FOLDER, task, variant, student, monkeypatch, least_loss=0.25)


GARBAGE = {
    "none": None,
    "text": "text",
    "nans": torch.full((2, 10), float("nan")),
    "dict": {1: "a", 5: [None]},
    "linear": nn.Linear(2, 2),
    "many small": nn.ParameterList(torch.ones(6) for _ in range(200)),
}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
def test_garbage_fails_every_test_and_breaks_none(
    garbage: object, student: Student, monkeypatch: pytest.MonkeyPatch
) -> None:
    support.assert_fails_every_test(FOLDER, MANIFEST.tasks, garbage, student, monkeypatch)


def test_the_registry_builds_what_the_tasks_define() -> None:
    built = {entry.class_path for entry in models.REGISTRY.values()}
    symbols = {f"{symbol.module}.{symbol.name}" for task in MANIFEST.tasks for symbol in task.tops}
    assert symbols - built == {"hw_cnn.models.lenet5_1998.rbf_loss"}
