"""The assignment seminar_cnn: manifest, hidden tests, handout and planted bugs agree with one another.

The kill matrix of the tasks that need no training is checked here in process; `autograder validate` does it behind
the sandbox, training included.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch

from autograder.proxy import Student, StudentFailure
from autograder.sandbox.executor import Executor
from autograder.sandbox.inprocess import InProcess
from autograder.spec import LANGS, Task, Variant, load_manifest, load_variants

FOLDER = Path(__file__).parents[2] / "assignments" / "seminar_cnn"
MANIFEST = load_manifest(FOLDER)
VARIANTS = load_variants(FOLDER).variants
# The others change only the checkpoint that is handed in.
CODE_VARIANTS = [variant for variant in VARIANTS if variant.checkpoint == "reference"]
HANDOUT = (FOLDER / "handout.py").read_text(encoding="utf-8")
TRAINING = "K3"
QUICK_TASKS = [task for task in MANIFEST.tasks if task.id != TRAINING]
CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)


def _functions(path: Path) -> list[ast.FunctionDef]:
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return [node for node in body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]


def _cells() -> Iterator[tuple[str, str]]:
    """(header, text) of each cell of the handout."""
    for part in re.split(r"^# %%", HANDOUT, flags=re.MULTILINE)[1:]:
        header, _, text = part.partition("\n")
        yield header.strip(), text


def test_points_and_minutes() -> None:
    points = {task.id: task.points for task in MANIFEST.tasks}
    assert points == {"F1": 20, "G1": 10, "I1": 8, "K2": 10, "J1": 4, "K3": 14}
    assert MANIFEST.max_score == 66
    # B1, C1, D2, D5 and W come later and need their share of the ten hours.
    assert sum(task.minutes for task in MANIFEST.tasks) <= MANIFEST.budget_minutes - 160


def test_accuracy_is_a_small_part() -> None:
    ramps = [test for task in MANIFEST.tasks for test in task.tests if test.threshold is not None]
    assert sum(test.points for test in ramps) <= 15
    checkpoint = next(test for test in ramps if test.id.endswith("::test_checkpoint"))
    assert checkpoint.points <= MANIFEST.task(TRAINING).points / 5


def test_bars_follow_from_the_seeds() -> None:
    threshold = next(t.threshold for t in MANIFEST.task(TRAINING).tests if t.id.endswith("::test_accuracy"))
    assert threshold is not None
    assert len(threshold.dots) == 20
    bar = min(threshold.dots) - 3 * float(np.std(threshold.dots, ddof=1))
    assert bar - 1e-3 < threshold.high <= bar


def test_hidden_tests_are_those_of_the_manifest() -> None:
    priced = {test.id for task in MANIFEST.tasks for test in task.tests}
    files = sorted((FOLDER / "hidden").glob("test_*.py"))
    assert priced == {f"{path.name}::{function.name}" for path in files for function in _functions(path)}
    assert [path.name for path in files] == sorted(f"test_{task.id.lower()}.py" for task in MANIFEST.tasks)


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


def test_every_task_has_public_tests() -> None:
    for task in MANIFEST.tasks:
        functions = _functions(FOLDER / "public" / f"test_{task.id.lower()}.py")
        assert functions
        hidden = {test.id.split("::")[1] for test in task.tests}
        assert len(functions) < len(hidden)


def test_texts_are_in_their_language() -> None:
    texts = [MANIFEST.title, *(task.title for task in MANIFEST.tasks)]
    texts += [test.sentence for task in MANIFEST.tasks for test in task.tests]
    texts += [variant.what for variant in VARIANTS]
    for text in texts:
        assert CYRILLIC.search(text.ru), text.ru
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


def test_handout_states_the_bars() -> None:
    threshold = next(t.threshold for t in MANIFEST.task(TRAINING).tests if t.id.endswith("::test_accuracy"))
    assert threshold is not None
    low, high = f"{threshold.low:g}", f"{threshold.high:g}"
    assert f"accuracy of {low}" in HANDOUT.replace("\n# ", " ")
    assert f"9 at {high} and above" in HANDOUT.replace("\n# ", " ")
    assert f"при точности {low.replace('.', ',')} и ниже, 9 при {high.replace('.', ',')} и выше" in HANDOUT
    assert f"LOW, HIGH = {low}, {high}" in HANDOUT
    drawn = re.search(r"DOTS = \[(.*?)\]", HANDOUT, re.DOTALL)
    assert drawn is not None
    assert tuple(float(dot) for dot in drawn[1].split(",") if dot.strip()) == threshold.dots


def test_handout_gives_nothing_away() -> None:
    secrets = [test.id for task in MANIFEST.tasks for test in task.tests]
    secrets += [variant.id for variant in VARIANTS]
    secrets += ["hidden/", "digits.npz"]
    assert [secret for secret in secrets if secret in HANDOUT] == []
    for task in QUICK_TASKS:
        hidden = (FOLDER / "hidden" / f"test_{task.id.lower()}.py").read_text(encoding="utf-8")
        told = " ".join(test.sentence.en for test in task.tests).replace(",", "")
        for number in re.findall(r"\b\d{4,}\b", hidden.replace("_", "")):
            assert number in told or number not in HANDOUT


def test_each_variant_has_its_file_and_the_other_way_round() -> None:
    assert {variant.id for variant in CODE_VARIANTS} == {
        path.stem for path in (FOLDER / "wrong").glob("*.py")
    }
    for task in MANIFEST.tasks:
        assert sum(variant.task == task.id and variant.kind == "bug" for variant in VARIANTS) >= 3


@pytest.mark.parametrize("variant", CODE_VARIANTS, ids=lambda variant: variant.id)
def test_variants_define_only_what_they_change(variant: Variant) -> None:
    source = (FOLDER / "wrong" / f"{variant.id}.py").read_text(encoding="utf-8")
    defined = set()
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            defined.add(node.name)
        else:
            assert isinstance(node, ast.Import | ast.ImportFrom), f"line {node.lineno} is no definition"
    symbols = {name.split(":")[1] for name in MANIFEST.task(variant.task).names}
    assert {name for name in defined if not name.startswith("_")} == symbols


# The kill matrix, in process.


@pytest.fixture
def student() -> Student:
    names = {name.split(":")[1]: name for task in MANIFEST.tasks for name in task.names}
    return Student(lambda: InProcess(Executor()), names, MANIFEST.limits)


def _hidden(task: Task) -> ModuleType:
    path = FOLDER / "hidden" / f"test_{task.id.lower()}.py"
    spec = importlib.util.spec_from_file_location(f"hidden_{task.id}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _points_lost(task: Task, student: Student, salt: int) -> dict[str, float]:
    """Hidden test -> points, for the tests that fail. Only a wrong answer or a failure of the student counts."""
    module, lost = _hidden(task), {}
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


@pytest.mark.parametrize("salt", range(3))
@pytest.mark.parametrize("task", QUICK_TASKS, ids=lambda task: task.id)
def test_reference_passes(task: Task, salt: int, student: Student) -> None:
    assert _points_lost(task, student, salt) == {}


QUICK_VARIANTS = [variant for variant in VARIANTS if variant.task != TRAINING]


@pytest.mark.parametrize("variant", QUICK_VARIANTS, ids=lambda variant: variant.id)
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
    "nan": float("nan"),
    "empty": torch.ones(0),
    "integers": torch.ones(2, 4, 6, 6, dtype=torch.int64),
    "nans": torch.full((2, 4, 6, 6), float("nan")),
    "dict": {1: "a", 5: [None]},
    "object": object(),
}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
@pytest.mark.parametrize("task", [task for task in QUICK_TASKS if task.id != "K2"], ids=lambda task: task.id)
def test_garbage_fails_every_test_and_breaks_none(
    task: Task, garbage: object, student: Student, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in task.names:
        module, _, symbol = name.partition(":")
        monkeypatch.setattr(importlib.import_module(module), symbol, lambda *_, **__: garbage)
    assert set(_points_lost(task, student, salt=0)) == {test.id for test in task.tests}
