"""The class that a validation grades: variants and their files agree, and each is tested by what it can change."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course.assignment import find_assignment, list_assignments, package_root
from autograder.course.edition import read_package
from autograder.course.variants import load_variants
from autograder.errors import UsageError
from autograder.validation.class_of_variants import (
    check_variants,
    choose_tests,
    needed,
    reference_package,
    tasks_concerned,
)
from autograder.validation.reach import Reach
from tests.autograder.validation.support import make_course, validate


@pytest.mark.slow
def test_a_variant_without_its_file_is_refused(tmp_path: Path) -> None:
    course = make_course(tmp_path)
    (course / "mini" / "wrong" / "j1_ascending.py").unlink()
    done = validate(course, tmp_path / "out")
    assert done.returncode == 2
    assert "'j1_ascending', but j1_ascending.py is missing" in done.stderr


@pytest.mark.slow
def test_a_file_of_no_variant_is_refused(tmp_path: Path) -> None:
    course = make_course(tmp_path)
    (course / "mini" / "wrong" / "j1_forgotten.py").write_text("def topk_error(scores, labels, ks): ...\n")
    done = validate(course, tmp_path / "out")
    assert done.returncode == 2
    assert "j1_forgotten.py is no file of a variant: list it in variants.toml, or remove it" in done.stderr


@pytest.mark.slow
def test_a_variant_that_is_no_python_is_refused(tmp_path: Path) -> None:
    course = make_course(tmp_path)
    (course / "mini" / "wrong" / "j1_ascending.py").write_text("def topk_error(:\n")
    done = validate(course, tmp_path / "out")
    assert done.returncode == 2
    assert "j1_ascending.py, line 1: this is not valid Python" in done.stderr


def test_another_spelling_needs_no_entry_and_must_be_python(tmp_path: Path) -> None:
    assignment = find_assignment("mini", make_course(tmp_path))
    variants, spelling = (
        load_variants(assignment.folder),
        assignment.folder / "wrong" / "j1_ascending__sorted.py",
    )
    spelling.write_text("def topk_error(scores, labels, ks): ...\n")
    check_variants(assignment.manifest, variants, assignment.folder)
    spelling.write_text("def topk_error(:\n")
    with pytest.raises(UsageError, match=r"j1_ascending__sorted\.py, line 1: this is not valid Python"):
        check_variants(assignment.manifest, variants, assignment.folder)
    spelling.rename(spelling.with_name("j1_unknown__sorted.py"))
    with pytest.raises(UsageError, match="is no file of a variant"):
        check_variants(assignment.manifest, variants, assignment.folder)


@pytest.mark.parametrize("name", list_assignments(None))
def test_a_task_concerns_itself_and_what_is_declared_to_depend_on_it(name: str) -> None:
    manifest = find_assignment(name, None).manifest
    found = tasks_concerned(manifest)
    assert set(found) == {task.id for task in manifest.tasks}
    for task_id, concerned in found.items():
        declared = {task.id for task in manifest.tasks if task_id in manifest.closure(task.id)}
        assert declared <= concerned


def test_a_quick_validation_leaves_out_only_what_a_bug_cannot_change() -> None:
    found = find_assignment("seminar_cnn", None)
    manifest, variants = found.manifest, load_variants(found.folder)
    everything = choose_tests(manifest, variants, first=True)
    chosen = choose_tests(manifest, variants, first=True, concerned=tasks_concerned(manifest))
    assert chosen["reference"] == everything["reference"]
    assert chosen["stub"] == everything["stub"]
    fast = {task.id: {test.id for test in task.tests if not test.trains} for task in manifest.tasks}
    # A bug may cost points in F5, which depends on F1; right work may not.
    assert chosen["f1_flipped"] == fast["F1"]
    assert chosen["f1_ok_fft"] == fast["F1"] | fast["F5"]
    assert chosen["i1_softmax"] == fast["I1"]
    assert chosen["g2_mean_in_place"] == fast["G2"], "G1 stands in the same file and does not use it"
    assert everything["f1_flipped"] == set().union(*fast.values())


def test_a_variant_has_the_files_that_its_tests_and_its_own_code_can_use() -> None:
    manifest = find_assignment("seminar_cnn", None).manifest
    package, reach = reference_package(manifest), Reach(read_package(package_root()))
    tests = {task.id: [test.id for test in task.tests] for task in manifest.tasks}

    def files(asked: list[str], solution: bytes = b"") -> set[str]:
        return set(needed(manifest, reach, package, asked, solution))

    convolution, metrics = (manifest.task(task).symbols[0].file for task in ("F1", "J1"))
    plain = files(tests["F1"])
    assert convolution in plain
    assert metrics not in plain
    assert files(tests["F1"], b"from hw_cnn.metrics import topk_error") == plain | {metrics}
    assert files(tests["K3"]) >= {
        symbol.file for name in ("I1", "K2", "K3") for symbol in manifest.task(name).symbols
    }
    assert files([test for own in tests.values() for test in own]) == set(package)
