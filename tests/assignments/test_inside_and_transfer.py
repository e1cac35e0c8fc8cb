"""The assignment inside_and_transfer: manifest, hidden tests, handout and planted bugs agree with one another.

The oracles of the hidden tests are compared with torch's own differentiation, hooks and solvers. The kill matrix is
checked in process (marked nightly); `autograder validate` does it behind the sandbox in each run.
"""

from __future__ import annotations

import ast
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from autograder.course.assignment import Assignment, find_assignment, package_root
from autograder.course.edition import read_package
from autograder.course.manifest import Task, load_manifest
from autograder.course.variants import Variant, load_variants
from autograder.grading.diagnosis import Diagnostician, Seen
from autograder.release.bundle import bundle_files, release
from autograder.release.leaks import scan, secrets_of
from autograder.release.notebook import read_notebook, write_notebook
from autograder.remote.student import Student
from autograder.sandbox.runner import drivers
from autograder.text import LANGS, Lang
from autograder.validation.solved_notebook import fill_solutions, solution_sources
from tests.assignments import support
from tests.assignments.support import COURSE

FOLDER = COURSE / "inside_and_transfer"
MANIFEST = load_manifest(FOLDER)
VARIANTS = load_variants(FOLDER)
CPU = torch.device("cpu")
HIDDEN = {task.id: support.hidden_module(FOLDER, task) for task in MANIFEST.tasks}


# What the files say.


def test_points_and_minutes() -> None:
    assert {task.id: task.points for task in MANIFEST.tasks} == {"L1": 8, "L2": 17, "M1": 16, "M2": 5}
    assert MANIFEST.max_score == 46
    assert sum(task.minutes for task in MANIFEST.tasks) <= MANIFEST.budget_minutes


def test_hidden_tests_take_nothing_but_data_from_the_reference() -> None:
    paths = list((FOLDER / "hidden").glob("test_*.py"))
    assert len(paths) == len(MANIFEST.tasks)
    for path in paths:
        source = path.read_text(encoding="utf-8")
        assert re.findall(r"^.*\bhw_cnn\b.*$", source, re.MULTILINE) in (
            [],
            ["from hw_cnn.data import load_digits"],
        )


def test_each_bug_of_the_list_is_planted() -> None:
    # 111, a backbone that is not frozen, is no mistake that `embed` can make: it takes no step.
    numbers = {variant.number for variant in VARIANTS if variant.kind == "bug"}
    assert {108, 109, 110, 112, 113, 114, 115} <= numbers


def test_each_function_has_bugs_and_each_task_two_other_ways() -> None:
    for task in MANIFEST.tasks:
        own = [variant for variant in VARIANTS if variant.task == task.id]
        assert sum(variant.kind == "correct" for variant in own) >= 2
        for symbol in task.tops:
            assert sum(v.kind == "bug" and symbol.name in support.definitions(FOLDER, v) for v in own) >= 8


# What students get.


@pytest.fixture(scope="module")
def assignment() -> Assignment:
    return find_assignment(str(FOLDER))


@pytest.mark.parametrize("lang", [pytest.param("ru", marks=pytest.mark.nightly), "en"])
def test_release(lang: Lang, assignment: Assignment) -> None:
    files = bundle_files(assignment, lang)
    scan(files, secrets_of(assignment))
    notebook = files["inside_and_transfer.ipynb"].decode()
    for task in MANIFEST.tasks:
        assert f"public/test_{task.id.lower()}.py" in files
        for test in task.tests:
            assert test.sentence.get(lang).replace('"', '\\"') in notebook
    assert not [name for name in files if name.endswith(".safetensors")]


def test_the_edition_holds_no_solution(assignment: Assignment) -> None:
    for task in MANIFEST.tasks:
        for symbol in task.tops:
            source = assignment.edition[symbol.file].decode()
            node = next(n for n in ast.parse(source).body if getattr(n, "name", None) == symbol.name)
            assert isinstance(node, ast.FunctionDef)
            assert ast.unparse(node.body[-1]) == f"raise NotImplementedError('task {task.id}')"


def test_no_other_function_of_the_edition_takes_the_gradient_of_an_image(assignment: Assignment) -> None:
    """Whatever needs it, Grad-CAM and activation maximisation too, asks `saliency` or a function that it is given."""
    sources = {name: data.decode() for name, data in assignment.edition.items() if name.endswith(".py")}
    assert [name for name, source in sources.items() if "autograd.grad(" in source] == []
    assert {name for name, source in sources.items() if "gradient_of" in source} == {
        f"hw_cnn/interpret/{name}.py" for name in ("gradients", "grad_cam", "maximisation")
    }


def test_helpers_of_one_task_have_different_names(assignment: Assignment) -> None:
    """The solution cell of a task holds all its modules, one after the other."""
    sources = solution_sources(MANIFEST, read_package(package_root()), assignment.edition)
    assert set(sources) == {task.id for task in MANIFEST.tasks}
    for source in sources.values():
        defined = [
            node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef | ast.ClassDef)
        ]
        assert len(set(defined)) == len(defined)


EXECUTE = """
import nbformat
from nbclient import NotebookClient
notebook = nbformat.read("inside_and_transfer.ipynb", as_version=4)
NotebookClient(notebook, timeout=300, resources={"metadata": {"path": "."}}).execute()
for cell in notebook.cells:
    for output in cell.get("outputs", []):
        kind = "picture" if "image/png" in output.get("data", {}) else output.output_type
        print(kind, output.get("ename", ""), output.get("evalue", ""), output.get("text", ""))
"""


def run_notebook(out: Path) -> str:
    command = [sys.executable, "-c", EXECUTE]
    environment = {**os.environ, "PYTHONPATH": str(out)}
    done = subprocess.run(command, cwd=out, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.mark.slow
@pytest.mark.nightly
@pytest.mark.parametrize("lang", LANGS)
def test_the_notebook_runs_with_the_reference(lang: Lang, assignment: Assignment, tmp_path: Path) -> None:
    out = tmp_path / "out"
    release(FOLDER, out, lang)
    path = out / "inside_and_transfer.ipynb"
    sources = solution_sources(MANIFEST, read_package(package_root()), assignment.edition)
    write_notebook(fill_solutions(read_notebook(path.read_text(encoding="utf-8")), sources), path)
    printed = run_notebook(out)
    assert len(re.findall("^picture", printed, re.MULTILINE)) == 12
    assert len(re.findall(r"^stream .*(?:пройдены|tests pass)", printed, re.MULTILINE)) == len(MANIFEST.tasks)


# The oracles.


def test_the_walk_through_the_layers_is_what_hooks_see() -> None:
    hidden = HIDDEN["L1"]
    rows, images = hidden._draw(np.random.default_rng(1))
    net, found = drivers.network(CPU, rows, 5, training=False), {}
    for name, module in net.named_modules():
        module.register_forward_hook(lambda _m, _i, output, name=name: found.update({name: output.clone()}))
    net(images)
    expected = hidden._expected(rows, 5, images)
    assert expected.keys() == found.keys()
    for name, value in found.items():
        torch.testing.assert_close(expected[name], value.detach())


def test_central_differences_are_the_gradient() -> None:
    hidden = HIDDEN["L2"]
    twin = drivers.network(CPU, hidden._classifier(2, 6, 8), 3, training=False)
    images, labels = (
        torch.randn(3, 2, 6, 8, generator=torch.Generator().manual_seed(1)),
        torch.tensor([2, 0, 2]),
    )
    x = images.clone().requires_grad_()
    (expected,) = torch.autograd.grad(twin(x)[torch.arange(3), labels].sum(), x)
    torch.testing.assert_close(hidden._gradient(twin.requires_grad_(False), images, labels), expected)


def test_the_closed_formula_of_occlusion_is_the_definition() -> None:
    hidden, generator = HIDDEN["L2"], torch.Generator().manual_seed(2)
    image, weight = torch.randn(2, 7, 9, generator=generator), torch.randn(3, 2, 7, 9, generator=generator)
    net = nn.Sequential(nn.Flatten(), nn.Linear(126, 3, bias=False))
    net[1].weight.data = weight.flatten(1)
    for settings in ({}, {"stride": 2}, {"fill": 0.7}):
        expected = hidden._occlusion(net.requires_grad_(False), image, 1, 3, **settings)
        found = hidden._linear_occlusion(weight[1], image, 3, **settings)
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("setting", ["SINGLE", "DEEP", "NORMED"])
def test_windows_are_where_gradients_arrive(setting: str) -> None:
    hidden = HIDDEN["L2"]
    chosen = getattr(hidden, setting)
    twin, height, width = drivers.network(CPU, chosen.rows, 1, training=False), *hidden.SIZE
    # Every weight positive and a rising image: no maximum and no ReLU hides a pixel for good.
    for parameter in twin.parameters():
        parameter.data.abs_()
    for row, column in ((3, 4), (2, 5)):
        touched = torch.zeros(height, width, dtype=torch.bool)
        for seed in range(40):
            x = torch.rand(
                1, 2, height, width, generator=torch.Generator().manual_seed(seed)
            ).requires_grad_()
            maps = x
            for name, *_ in chosen.rows:
                maps = twin.get_submodule(name)(maps)
                if name == chosen.layer:
                    break
            (gradient,) = torch.autograd.grad(maps[0, 0, row, column], x)
            touched |= (gradient != 0).any(dim=1)[0]
        rows, columns = touched.any(1).nonzero()[:, 0], touched.any(0).nonzero()[:, 0]
        top, left = (chosen.first[d] + (row, column)[d] * chosen.step[d] for d in (0, 1))
        box = (top, left, top + chosen.window[0], left + chosen.window[1])
        seen = (int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1)
        assert seen == (max(0, box[0]), max(0, box[1]), min(height, box[2]), min(width, box[3]))


@pytest.mark.nightly
def test_the_backbone_can_be_built_again() -> None:
    built = runpy.run_path(str(FOLDER / "build_backbone.py"))["train"]()
    kept = load_file(FOLDER / "hidden" / "backbone.safetensors")
    assert built.keys() == kept.keys()
    for name, value in kept.items():
        torch.testing.assert_close(built[name], value, rtol=1e-2, atol=1e-2)


# The kill matrix, in process.


@pytest.fixture
def student() -> Student:
    return support.make_student(MANIFEST)


@pytest.mark.parametrize("salt", [0, *(pytest.param(salt, marks=pytest.mark.nightly) for salt in (1, 2))])
@pytest.mark.parametrize("task", MANIFEST.tasks, ids=lambda task: task.id)
def test_reference_passes(task: Task, salt: int, student: Student) -> None:
    assert support.points_lost(FOLDER, task, student, salt) == {}


@pytest.mark.slow
@pytest.mark.nightly
@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.id)
def test_variant_gets_what_it_deserves(
    variant: Variant, student: Student, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = MANIFEST.task(variant.task)
    support.assert_gets_what_it_deserves(FOLDER, task, variant, student, monkeypatch, least_loss=0.1)


GARBAGE = {
    "none": None,
    "text": "text",
    "nans": torch.full((2, 10), float("nan")),
    "dict": {1: "a", 5: [None]},
    "tuples": ((), (1, 2), None, "a"),
    "pair": (torch.ones(3), torch.ones(3)),
    "linear": nn.Linear(2, 2),
}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
def test_garbage_fails_every_test_and_breaks_none(
    garbage: object, student: Student, monkeypatch: pytest.MonkeyPatch
) -> None:
    support.assert_fails_every_test(FOLDER, MANIFEST.tasks, garbage, student, monkeypatch)


# The diagnosis.

# One of each function; recognising the others takes minutes.
RECOGNISED_IN_EACH_RUN = {
    *(
        "l1_input_of_layer",
        "l1_hook_left",
        "l1_order_of_running",
        "l2_occlusion_sign",
        "l2_saliency_loss",
        "l2_patches_edge_repeated",
    ),
    *("m1_softmax", "m1_class_index", "m2_self"),
}


def seen_of(variant: Variant, student: Student) -> list[Seen]:
    """What the judge hears of each hidden test of the variant's task."""
    task, seen = MANIFEST.task(variant.task), []
    for number, test in enumerate(task.tests):
        student.begin_test()
        failed = False
        try:
            getattr(HIDDEN[task.id], test.id.split("::")[1])(np.random.default_rng([7, number]), student)
        except (AssertionError, support.StudentFailure):
            failed = True
        seen.append(Seen(failed, student.transcript))
        student.free_handles()
    return seen


@pytest.fixture(scope="module")
def diagnostician() -> Diagnostician:
    return Diagnostician(FOLDER, MANIFEST, VARIANTS)


@pytest.mark.slow
@pytest.mark.parametrize(
    "variant",
    [
        pytest.param(
            variant,
            id=variant.id,
            marks=() if variant.id in RECOGNISED_IN_EACH_RUN else pytest.mark.nightly,
        )
        for variant in VARIANTS
        if variant.kind == "bug"
    ],
)
def test_a_planted_bug_is_recognised(
    variant: Variant, diagnostician: Diagnostician, student: Student, monkeypatch: pytest.MonkeyPatch
) -> None:
    support.install(FOLDER, MANIFEST.task(variant.task), variant, monkeypatch)
    seen = seen_of(variant, student)
    monkeypatch.undo()
    named = [found.bug for found in diagnostician.explain(variant.task, seen, "ru")]
    assert variant.id in named
