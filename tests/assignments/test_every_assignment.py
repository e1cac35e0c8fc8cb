"""Rules that hold for every assignment of the course: manifest, tests, handout and variants agree."""

from __future__ import annotations

import ast
import builtins
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from autograder.course.assignment import Assignment, find_assignment, list_assignments, package_root
from autograder.course.edition import plans_for, read_package
from autograder.course.manifest import Manifest, load_manifest
from autograder.course.open_tests import is_current, stored_open_tests
from autograder.course.variants import Variant, load_variants, spellings
from autograder.text import LANGS
from tests.assignments.support import COURSE, cells, functions_of_tests

CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
# A name may be the same in both languages.
NAMES = {"VGG"}


@dataclass(frozen=True)
class Files:
    """An assignment as it lies on disk."""

    folder: Path
    manifest: Manifest
    variants: tuple[Variant, ...]
    handout: str

    @property
    def code_variants(self) -> list[Variant]:
        """Those with a file; the others change only the checkpoint that is handed in."""
        return [variant for variant in self.variants if variant.checkpoint == "reference"]


def read(name: str) -> Files:
    folder = COURSE / name
    handout = (folder / "handout.py").read_text(encoding="utf-8")
    return Files(folder, load_manifest(folder), load_variants(folder), handout)


ALL = [read(name) for name in list_assignments(COURSE)]
every_assignment = pytest.mark.parametrize("files", ALL, ids=lambda files: files.manifest.name)
every_hidden_file = pytest.mark.parametrize(
    "path",
    [path for files in ALL for path in sorted((files.folder / "hidden").glob("test_*.py"))],
    ids=lambda path: path.stem,
)
every_code_variant = pytest.mark.parametrize(
    ("files", "variant"),
    [(files, variant) for files in ALL for variant in files.code_variants],
    ids=lambda value: value.id if isinstance(value, Variant) else "",
)


def test_the_course_has_its_assignments() -> None:
    names = ["architectures", "convolution", "inside_and_transfer", "seminar_cnn"]
    assert [files.manifest.name for files in ALL] == names


@every_assignment
def test_hidden_tests_are_those_of_the_manifest(files: Files) -> None:
    priced = {test.id for task in files.manifest.tasks for test in task.tests}
    paths = sorted((files.folder / "hidden").glob("test_*.py"))
    assert priced == {
        f"{path.name}::{function.name}" for path in paths for function in functions_of_tests(path)
    }
    assert {path.name for path in paths} == {f"test_{task.id.lower()}.py" for task in files.manifest.tested}


@every_hidden_file
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


@every_assignment
def test_every_task_has_public_tests(files: Files) -> None:
    for task in files.manifest.tested:
        functions = functions_of_tests(files.folder / "public" / f"test_{task.id.lower()}.py")
        assert 0 < len(functions) < len(task.tests)


def test_the_homework_knows_its_open_tests() -> None:
    """Without them `check` says nothing of what green is worth."""
    known = {files.manifest.name for files in ALL if stored_open_tests(files.folder) is not None}
    assert "seminar_cnn" in known


@every_assignment
def test_stored_open_tests_belong_to_these_tests(files: Files) -> None:
    stored = stored_open_tests(files.folder)
    hidden = {test.id for task in files.manifest.tasks for test in task.tests}
    if stored is not None:
        assert is_current(stored, files.folder), (
            f"run `autograder validate {files.manifest.name} --store-open`"
        )
        assert set(stored.open) <= hidden


@every_assignment
def test_texts_are_in_their_language(files: Files) -> None:
    tasks = files.manifest.tasks
    sentences = [test.sentence for task in tasks for test in task.tests]
    sentences += [row.sentence for task in tasks for row in task.rows]
    texts = [files.manifest.title, *(task.title for task in tasks), *sentences]
    texts += [text for task in tasks for row in task.rows for text in (row.rubric, row.answer)]
    for text in [*texts, *(variant.what for variant in files.variants)]:
        assert CYRILLIC.search(text.ru) or text.ru in NAMES, text.ru
        assert not CYRILLIC.search(text.en), text.en
    assert all(sentence.get(lang).endswith(".") for sentence in sentences for lang in LANGS)


# Code that gives such answers, but other code does as well.
CODE = re.compile(
    r"squeeze|count_nonzero|detach|no_grad|\.data\b|backward\(|\bF\.dropout|adaptive_\w+|bias=False|typed in|"
    r"plain list|clamp|new_zeros"
)


@every_assignment
def test_a_bug_is_told_by_what_its_answers_show(files: Files) -> None:
    """Where its sentence names code, it says that this is an example."""
    told = [
        variant.what for variant in files.variants if variant.kind == "bug" and CODE.search(variant.what.en)
    ]
    assert told
    assert [what.en for what in told if not re.search("for example|seems", what.en)] == []
    assert [what.ru for what in told if not re.search("например|похоже", what.ru)] == []


@every_assignment
def test_handout_speaks_both_languages(files: Files) -> None:
    headers = [header for header, _ in cells(files.handout)]
    spoken = [lang for header in headers for lang in re.findall(r'lang="(\w+)"', header)]
    assert spoken == ["ru", "en"] * (len(spoken) // 2)
    assert spoken
    for header, text in cells(files.handout):
        if 'lang="en"' in header:
            assert not CYRILLIC.search(text)
        elif 'lang="ru"' in header:
            assert CYRILLIC.search(text)


@every_assignment
def test_handout_has_each_task_once_with_its_properties(files: Files) -> None:
    headers = [header for header, _ in cells(files.handout)]
    tasks = files.manifest.tasks
    places = [place for header in headers for place in re.findall(r'task="(\w+)"(?: row="(\w+)")?', header)]
    assert places == [(task.id, row) for task in tasks for row in [one.id for one in task.rows] or [""]]
    for task in tasks:
        assert files.handout.count(f"{{{{properties:{task.id}}}}}") == len(LANGS)


@every_assignment
def test_handout_gives_no_hidden_test_or_bug_away(files: Files) -> None:
    secrets = [test.id for task in files.manifest.tasks for test in task.tests]
    secrets += [*(variant.id for variant in files.variants), "hidden/"]
    assert [secret for secret in secrets if secret in files.handout] == []


@every_assignment
def test_each_variant_has_its_file_and_the_other_way_round(files: Files) -> None:
    written = {path for variant in files.code_variants for path in spellings(files.folder, variant)}
    assert {variant.id for variant in files.code_variants} <= {path.stem for path in written}
    assert written == set((files.folder / "wrong").glob("*.py"))
    for task in files.manifest.tested:
        assert sum(variant.task == task.id and variant.kind == "bug" for variant in files.variants) >= 3


@every_code_variant
def test_variants_define_only_what_they_change(files: Files, variant: Variant) -> None:
    source = (files.folder / "wrong" / f"{variant.id}.py").read_text(encoding="utf-8")
    defined = set()
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            defined.add(node.name)
        else:
            assert isinstance(node, ast.Import | ast.ImportFrom), f"line {node.lineno} is no definition"
    symbols = {symbol.name for symbol in files.manifest.task(variant.task).tops}
    # A task may have several functions; a variant changes one of them, or more.
    changed = {name for name in defined if not name.startswith("_")}
    assert changed
    assert changed <= symbols


# What students get must not show, anywhere in the package, how a task is done.

STEPS = {"training_step", "validation_step", "test_step"}
# Shorter calls (`x.flatten(1)`) stand everywhere.
MIN_CHARACTERS = 24
# How torch's layers are stacked and begun, images cut into batches, a layer found and a hook hung on it; no task asks
# for it.
ALLOWED = {
    "', '.join(filter(None, modules))",
    "torch.Generator().manual_seed(seed)",
    "torch.randperm(len(members), generator=generator)",
    "images.split(BATCH_SIZE)",
    "labels.split(BATCH_SIZE)",
    "layers.find(model, layer)",
    "layers.find(model, layer).register_forward_hook(look)",
    "layers.find(model, name)",
    "preserved.evaluating(model)",
    # The handout of K1 says that this function may be taken as it is.
    "splits.stratified_split(labels, self.val_size, self.seed)",
    "preserved.on_device_of(model, batch)",
    "preserved.on_device_of(model, images)",
    "nn.Linear(hidden, num_classes)",
    "nn.Sequential(*layers, nn.Flatten())",
    "nn.init.zeros_(layer.bias)",
}


@pytest.fixture(scope="module", params=list_assignments(COURSE))
def assignment(request: pytest.FixtureRequest) -> Assignment:
    return find_assignment(str(COURSE / request.param))


def methods(edition: dict[str, bytes]) -> list[tuple[str, str, ast.FunctionDef]]:
    """(file, class, method) of a student edition."""
    return [
        (name, node.name, item)
        for name, data in edition.items()
        if name.endswith(".py")
        for node in ast.parse(data).body
        if isinstance(node, ast.ClassDef)
        for item in node.body
        if isinstance(item, ast.FunctionDef)
    ]


def test_editions_show_no_step_of_k2(assignment: Assignment) -> None:
    found = [item for item in methods(dict(assignment.edition)) if item[2].name in STEPS]
    assert {(name, owner) for name, owner, _ in found} == {("hw_cnn/classifier.py", "Classifier")}
    whose = "" if assignment.name == "seminar_cnn" else " of the assignment seminar_cnn"
    for _, _, function in found:
        assert ast.unparse(function.body[-1]) == f"raise NotImplementedError('task K2{whose}')"


def calls(tree: ast.AST) -> set[str]:
    """Every call of some length in the code below `tree`, in one spelling; Python's own functions do not count."""
    found = {
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and not (isinstance(node.func, ast.Name) and hasattr(builtins, node.func.id))
    }
    return {text for text in found if len(text) >= MIN_CHARACTERS}


def test_editions_show_no_part_of_a_solution(assignment: Assignment) -> None:
    """No call of an emptied body, arguments included, stands anywhere else in the edition."""
    reference = read_package(package_root())
    edition = {name: ast.parse(data) for name, data in assignment.edition.items() if name.endswith(".py")}
    left = {text: name for name, tree in edition.items() for text in calls(tree)}
    lost: set[str] = set()
    for manifest in (assignment.manifest, *assignment.neighbours):
        for name, plan in plans_for([manifest], assignment.name).items():
            if plan.symbols:
                lost |= calls(ast.parse(reference[name])) - calls(edition[name])
    assert lost
    assert {text: left[text] for text in (lost - ALLOWED) & set(left)} == {}


@every_assignment
def test_hidden_tests_and_diagnosis_load_no_lightning(files: Files) -> None:
    """A judge is forked for each submission: what it imports costs seconds for each student."""
    imports = {
        ast.unparse(node)
        for path in sorted((files.folder / "hidden").glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom) and "hw_cnn" in ast.unparse(node)
    }
    code = [
        *sorted(imports),
        "import sys",
        "from pathlib import Path",
        "from autograder.grading.diagnosis import Diagnostician",
        "from autograder.course.manifest import load_manifest",
        "from autograder.course.variants import load_variants",
        f"folder = Path({str(files.folder)!r})",
        "Diagnostician(folder, load_manifest(folder), load_variants(folder))",
        "assert 'torch' in sys.modules",
        "assert 'lightning' not in sys.modules",
    ]
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(code)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
