"""The assignment architectures: manifest, hidden tests, handout and planted bugs agree, and editions hold no network.

The oracles of the hidden tests are compared with torchvision's own networks. The kill matrix is checked in process
(marked slow); `autograder validate` does it behind the sandbox.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from torch import nn

from autograder.bundle import bundle_files
from autograder.course import Assignment, find_assignment, package_root
from autograder.leakscan import collect, scan
from autograder.proxy import Student, StudentFailure
from autograder.sandbox.executor import Executor
from autograder.sandbox.inprocess import InProcess
from autograder.spec import LANGS, Lang, Task, Variant, load_manifest, load_variants
from autograder.template import read_package
from hw_cnn import models

COURSE = Path(__file__).parents[2] / "assignments"
FOLDER = COURSE / "architectures"
MANIFEST = load_manifest(FOLDER)
VARIANTS = load_variants(FOLDER).variants
HANDOUT = (FOLDER / "handout.py").read_text(encoding="utf-8")
CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)


def _functions(path: Path) -> list[ast.FunctionDef]:
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return [node for node in body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]


def _cells() -> Iterator[tuple[str, str]]:
    """(header, text) of each cell of the handout."""
    for part in re.split(r"^# %%", HANDOUT, flags=re.MULTILINE)[1:]:
        header, _, text = part.partition("\n")
        yield header.strip(), text


# What the files say.


def test_points_and_minutes() -> None:
    points = {task.id: task.points for task in MANIFEST.tasks}
    assert points == {"I2": 14, "I2b": 4, "I3": 4, "I4": 12, "I4b": 6, "I5": 10}
    assert MANIFEST.max_score == 46  # the loss of LeNet-5 is a bonus
    assert sum(task.minutes for task in MANIFEST.tasks if not task.bonus) <= MANIFEST.budget_minutes


def test_hidden_tests_are_those_of_the_manifest() -> None:
    priced = {test.id for task in MANIFEST.tasks for test in task.tests}
    files = sorted((FOLDER / "hidden").glob("test_*.py"))
    assert priced == {f"{path.name}::{function.name}" for path in files for function in _functions(path)}
    assert {path.name for path in files} == {f"test_{task.id.lower()}.py" for task in MANIFEST.tasks}


@pytest.mark.parametrize("path", sorted((FOLDER / "hidden").glob("test_*.py")), ids=lambda path: path.stem)
def test_hidden_modules_hold_no_state(path: Path) -> None:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            assert not node.decorator_list, f"{node.name} is decorated; hidden tests loop inside"
            assert not any(isinstance(item, ast.Global) for item in ast.walk(node))
        elif isinstance(node, ast.Assign):
            names = [
                item.id for target in node.targets for item in ast.walk(target) if isinstance(item, ast.Name)
            ]
            assert all(name.isupper() for name in names), f"{names} is not a constant"


def test_hidden_tests_take_nothing_but_codes_from_the_reference() -> None:
    for path in (FOLDER / "hidden").glob("test_*.py"):
        source = path.read_text(encoding="utf-8")
        assert set(re.findall(r"lenet5_1998\.(\w+)", source)) <= {"digit_codes"}
        assert re.findall(r"from hw_cnn\S* import (\w+)", source) in ([], ["lenet5_1998"])


def test_every_task_has_public_tests() -> None:
    for task in MANIFEST.tasks:
        functions = _functions(FOLDER / "public" / f"test_{task.id.lower()}.py")
        assert 0 < len(functions) < len(task.tests)


def test_texts_are_in_their_language() -> None:
    texts = [MANIFEST.title, *(task.title for task in MANIFEST.tasks)]
    texts += [test.sentence for task in MANIFEST.tasks for test in task.tests]
    texts += [variant.what for variant in VARIANTS]
    for text in texts:
        assert CYRILLIC.search(text.ru) or text.ru == "VGG", text.ru
        assert not CYRILLIC.search(text.en), text.en
    for sentence in [test.sentence for task in MANIFEST.tasks for test in task.tests]:
        assert all(sentence.get(lang).endswith(".") for lang in LANGS)


def test_handout_speaks_both_languages() -> None:
    spoken = [lang for header, _ in _cells() for lang in re.findall(r'lang="(\w+)"', header)]
    assert spoken == ["ru", "en"] * (len(spoken) // 2)
    for header, text in _cells():
        if 'lang="en"' in header:
            assert not CYRILLIC.search(text)
        elif 'lang="ru"' in header:
            assert CYRILLIC.search(text)


def test_handout_has_each_task_once_with_its_properties() -> None:
    assert [task for header, _ in _cells() for task in re.findall(r'task="(\w+)"', header)] == [
        task.id for task in MANIFEST.tasks
    ]
    for task in MANIFEST.tasks:
        assert HANDOUT.count(f"{{{{properties:{task.id}}}}}") == len(LANGS)


def test_handout_gives_no_hidden_test_or_bug_away() -> None:
    secrets = [test.id for task in MANIFEST.tasks for test in task.tests]
    secrets += [*(variant.id for variant in VARIANTS), "hidden/"]
    assert [secret for secret in secrets if secret in HANDOUT] == []


def test_the_table_of_the_handout_is_the_papers() -> None:
    for lang in LANGS:
        text = next(text for header, text in _cells() if f'lang="{lang}"' in header and "| **0** |" in text)
        rows = re.findall(r"\| \*\*\d\*\* \|(.*)\|", text)
        assert len(rows) == 6
        marks = [[cell.strip() == "×" for cell in row.split("|")] for row in rows]
        table = tuple("".join(str(i) for i in range(6) if marks[i][j]) for j in range(16))
        assert table == _hidden("I2").TABLE
        assert [sum(row) for row in marks] == [10] * 6


def test_each_variant_has_its_file_and_the_other_way_round() -> None:
    files = {path.stem for path in (FOLDER / "wrong").glob("*.py")}
    assert {variant.id for variant in VARIANTS} == files
    for task in MANIFEST.tasks:
        kinds = [variant.kind for variant in VARIANTS if variant.task == task.id]
        assert kinds.count("bug") >= 8
        assert kinds.count("correct") >= 2


@pytest.mark.parametrize("task", MANIFEST.tasks, ids=lambda task: task.id)
def test_variants_define_only_what_they_change(task: Task) -> None:
    symbols = {name.split(":")[1] for name in task.names}
    for variant in VARIANTS:
        if variant.task != task.id:
            continue
        source = (FOLDER / "wrong" / f"{variant.id}.py").read_text(encoding="utf-8")
        defined = set()
        for node in ast.parse(source).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                defined.add(node.name)
            else:
                assert isinstance(node, ast.Import | ast.ImportFrom), f"line {node.lineno} is no definition"
        assert {name for name in defined if not name.startswith("_")} == symbols, variant.id


# What students get.


@pytest.fixture(scope="module")
def assignments() -> dict[str, Assignment]:
    return {name: find_assignment(str(COURSE / name)) for name in ("architectures", "seminar_cnn")}


@pytest.mark.parametrize("lang", LANGS)
def test_release(lang: Lang, assignments: Mapping[str, Assignment]) -> None:
    made = assignments["architectures"]
    files = bundle_files(made, lang)
    scan(files, collect(made.folder, read_package(package_root()), made.edition))
    notebook = files["architectures.ipynb"].decode()
    for task in MANIFEST.tasks:
        assert f"public/test_{task.id.lower()}.py" in files
        for test in task.tests:
            assert test.sentence.get(lang).replace('"', '\\"') in notebook


def test_editions_hold_no_network(assignments: Mapping[str, Assignment]) -> None:
    reference = read_package(package_root())
    for made in assignments.values():
        for task in MANIFEST.tasks:
            for symbol in task.symbols:
                module, _, name = symbol.partition(":")
                source = made.edition[module.replace(".", "/") + ".py"].decode()
                node = next(n for n in ast.parse(source).body if getattr(n, "name", None) == name)
                bodies = [node] if isinstance(node, ast.FunctionDef) else node.body
                for function in bodies:
                    if isinstance(function, ast.FunctionDef):
                        assert (
                            ast.unparse(function.body[-1]) == f"raise NotImplementedError('task {task.id}')"
                        )
        text = "\n".join(data.decode() for name, data in made.edition.items() if name.endswith(".py"))
        for secret in ("C3_TABLE", "TableConvolution", "LocalResponseNorm(", "(0, 1, 2, 3)"):
            assert secret in "\n".join(d.decode() for n, d in reference.items() if n.endswith(".py"))
            assert secret not in text


def test_recipes_of_editions_do_not_show_the_steps_of_k2(assignments: Mapping[str, Assignment]) -> None:
    source = assignments["seminar_cnn"].edition["hw_cnn/recipes/lenet5_1998.py"].decode()
    assert "class LeNet1998Recipe(" in source  # configurations name it
    assert not re.search(r"def (training|validation|test)_step\(|\.log\(", source)


def test_editions_import(assignments: Mapping[str, Assignment], tmp_path: Path) -> None:
    same = [
        {name: data for name, data in made.edition.items() if name != "hw_cnn/__init__.py"}
        for made in assignments.values()
    ]
    assert same[0] == same[1]  # so one import stands for both
    for name, data in assignments["seminar_cnn"].edition.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
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
    modules = {name.split(":")[0] for task in MANIFEST.tasks for name in task.names}
    assert modules <= set(done.stdout.split())


# The oracles, beside torchvision.


def _hidden(task_id: str) -> ModuleType:
    path = FOLDER / "hidden" / f"test_{task_id.lower()}.py"
    spec = importlib.util.spec_from_file_location(f"hidden_{task_id}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


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

    hidden = _hidden("I4b" if name == "alexnet" else "I5")
    config = {"vgg16": "D", "vgg19_bn": "E"}.get(name)
    settings = {} if config is None else {"config": config, "batch_norm": name.endswith("_bn")}
    with torch.device("meta"):
        full = get_model(name, weights=None)
    assert {key: tuple(value.shape) for key, value in full.state_dict().items()} == hidden._shapes(**settings)
    if name in ("alexnet", "vgg16"):
        expected = hidden.NUM_PARAMETERS if config is None else hidden.NUM_PARAMETERS[config]
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
    torch.testing.assert_close(_hidden("I4")._normalise(x), expected)
    torch_way = nn.LocalResponseNorm(5, 5e-4, 0.75, 2.0)(x)
    torch.testing.assert_close(torch_way, expected)


# The kill matrix, in process.


@pytest.fixture
def student() -> Student:
    names = {name.split(":")[1]: name for task in MANIFEST.tasks for name in task.names}
    return Student(lambda: InProcess(Executor()), names, MANIFEST.limits)


def _points_lost(task: Task, student: Student, salt: int) -> dict[str, float]:
    """Hidden test -> points, for the tests that fail. Only a wrong answer or a failure of the student counts."""
    module, lost = _hidden(task.id), {}
    for number, test in enumerate(task.tests):
        student.begin_test()
        function = getattr(module, test.id.split("::")[1])
        available = {"student": student, "rng": np.random.default_rng([salt, number])}
        try:
            function(**{name: available[name] for name in inspect.signature(function).parameters})
        except (AssertionError, StudentFailure):
            lost[test.id] = test.points
        finally:
            student.free_handles()
    return lost


def _install(variant: Variant, monkeypatch: pytest.MonkeyPatch) -> None:
    source = (FOLDER / "wrong" / f"{variant.id}.py").read_text(encoding="utf-8")
    namespace: dict[str, object] = {"__name__": variant.id}
    exec(compile(source, f"{variant.id}.py", "exec"), namespace)
    for name in MANIFEST.task(variant.task).names:
        module, _, symbol = name.partition(":")
        monkeypatch.setattr(importlib.import_module(module), symbol, namespace[symbol])


@pytest.mark.parametrize("task", MANIFEST.tasks, ids=lambda task: task.id)
def test_reference_passes(task: Task, student: Student) -> None:
    assert _points_lost(task, student, salt=1) == {}


@pytest.mark.slow
@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.id)
def test_variant_gets_what_it_deserves(
    variant: Variant, student: Student, monkeypatch: pytest.MonkeyPatch
) -> None:
    _install(variant, monkeypatch)
    lost = _points_lost(MANIFEST.task(variant.task), student, salt=0)
    if variant.kind == "correct":
        assert lost == {}
    else:
        assert sum(lost.values()) >= max(variant.min_points_lost, 0.25)


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
    for task in MANIFEST.tasks:
        for name in task.names:
            module, _, symbol = name.partition(":")
            monkeypatch.setattr(importlib.import_module(module), symbol, lambda *_, **__: garbage)
        assert set(_points_lost(task, student, salt=0)) == {test.id for test in task.tests}


def test_the_registry_builds_what_the_tasks_define() -> None:
    built = {entry.class_path for entry in models.REGISTRY.values()}
    symbols = {name.replace(":", ".") for task in MANIFEST.tasks for name in task.names}
    assert symbols - built == {"hw_cnn.models.lenet5_1998.rbf_loss"}
