"""The command line as a user meets it: real processes, one sentence for bad input, the right exit code."""

from __future__ import annotations

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.results.store import Store
from autograder.sandbox.host.probe import probe
from tests.autograder.manifests import small
from tests.autograder.results.support import make_grade
from tests.autograder.validation.support import make_course as make_mini_course
from tests.machines import AUTOGRADER, ROOT, as_on


def run(*args: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [AUTOGRADER, *args], cwd=cwd, capture_output=True, text=True, timeout=120, check=False
    )


def test_help_names_every_command() -> None:
    result = run("--help")
    assert result.returncode == 0
    commands = ("release", "grade", "validate", "report", "doctor")
    for command in (*commands, "regrade", "void", "publish", "replay", "appeal", "similarity"):
        assert command in result.stdout


def test_help_needs_no_torch() -> None:
    heavy = ("torch", "lightning", "nbgrader", "pytest")
    code = f"import sys, autograder.cli; print([name for name in {heavy} if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_the_version_is_that_of_the_package() -> None:
    result = run("--version")
    assert (result.returncode, result.stdout) == (0, f"autograder {importlib.metadata.version('hw-cnn')}\n")


@pytest.mark.parametrize(
    ("assignment", "submissions"), [("seminar_cnn", "absent"), ("nowhere", "examples/submissions")]
)
def test_a_wrong_folder_is_told_before_torch_loads_and_before_anything_is_made(
    tmp_path: Path, assignment: str, submissions: str
) -> None:
    code = (
        "import sys\nfrom autograder.cli import main\n"
        f"try:\n    main(['grade', {assignment!r}, {submissions!r}, '--out', {str(tmp_path / 'o')!r}])\n"
        "finally:\n    print('torch' in sys.modules)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 2
    assert result.stdout.splitlines() == ["False"]
    assert "loading" not in result.stderr
    assert not (tmp_path / "o").exists()


def test_a_damaged_result_is_named_by_report_with_exit_1_and_stays(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.save(make_grade("anna"))
    store.save_manifest(small())
    store.result_path("boris").write_text("{")
    result = run("report", str(tmp_path))
    assert result.returncode == 1
    assert f"{store.result_path('boris')} cannot be read (Invalid JSON" in result.stderr
    assert store.result_path("boris").read_text() == "{"
    assert "anna" in (tmp_path / "scores.csv").read_text()


def make_course(folder: Path, manifest: str) -> Path:
    target = folder / "course" / "broken"
    target.mkdir(parents=True)
    (target / "assignment.toml").write_text(manifest)
    return target.parent


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (
            ["grade", "nowhere", "examples/submissions", "--out", "{tmp}/o"],
            "there is no assignment 'nowhere'",
        ),
        (["grade", "seminar_cnn", "{tmp}/absent", "--out", "{tmp}/o"], "absent"),
        (["grade", "seminar_cnn", "{tmp}/empty", "--out", "{tmp}/o"], "holds no submission"),
        (["grade", "seminar_cnn", "{tmp}/aside", "--out", "{tmp}/o"], "does not begin with _ (there is _x)"),
        (["grade", "seminar_cnn", "examples/submissions", "--out", "{tmp}/file"], "is a file; name a folder"),
        (
            ["grade", "seminar_cnn", "examples/submissions", "--out", "{tmp}/o", "--key", "{tmp}/absent"],
            "course key",
        ),
        (
            ["grade", "seminar_cnn", "examples/submissions", "--out", "{tmp}/o", "--key", "{tmp}/file"],
            "holds 1 bytes",
        ),
        (
            ["grade", "seminar_cnn", "examples/submissions", "--out", "{tmp}/o", "--roster", "{tmp}/file"],
            "'student'",
        ),
        (["grade", "seminar_cnn", "examples/submissions", "--out", "{tmp}/o", "--device", "tpu"], "tpu"),
        (["grade", "seminar_cnn", "examples/submissions", "--out", "{tmp}/o", "--jobs", "0"], "--jobs"),
        (
            ["grade", "seminar_cnn", "examples/submissions", "--out", "{tmp}/o", "--require-tier", "D"],
            "--require-tier",
        ),
        (["grade", "seminar_cnn", "examples/submissions"], "--out"),
        (
            ["grade", "broken", "{tmp}", "--out", "{tmp}/o", "--assignments", "{tmp}/course"],
            "unknown key 'colour'",
        ),
        (["validate", "--assignments", "{tmp}/empty"], "holds no assignment"),
        (["release", "seminar_cnn", "--out", "{tmp}/file"], "file"),
        (["nonsense"], "nonsense"),
    ],
)
def test_bad_input_gives_one_sentence_and_exit_2(tmp_path: Path, args: list[str], said: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "aside" / "_x").mkdir(parents=True)
    (tmp_path / "file").write_text("x")
    make_course(tmp_path, 'schema = 1\nname = "broken"\ncolour = "red"\n')
    result = run(*(arg.replace("{tmp}", str(tmp_path)) for arg in args))
    assert result.returncode == 2, result.stderr
    assert said in result.stderr
    assert "Traceback" not in result.stderr + result.stdout
    assert not (tmp_path / "o" / "results").exists()


def grade_on(kind: str, out: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """Grade the stub of the sample class on an emulated machine."""
    submissions = out.parent / "submissions"
    shutil.copytree(ROOT / "examples" / "submissions" / "stub", submissions / "stub")
    return as_on(kind, [AUTOGRADER, "grade", "seminar_cnn", submissions, "--out", out, "--lang", "en", *more])


@pytest.mark.parametrize(
    ("kind", "options", "said"),
    [
        ("nothing", [], "--trusted-code"),
        ("old kernel", [], "--trusted-code"),
        ("other system", [], "--trusted-code"),
        ("nothing", ["--require-tier", "B", "--trusted-code"], "--require-tier B"),
        ("container", ["--require-tier", "A"], "--require-tier A"),
        ("container", ["--require-tier", "A-"], "--require-tier A-"),
        ("no Landlock", ["--require-tier", "A"], "--require-tier A"),
    ],
)
def test_too_little_protection_is_refused_before_anything_is_written(
    tmp_path: Path, kind: str, options: list[str], said: str
) -> None:
    result = grade_on(kind, tmp_path / "o", *options)
    assert result.returncode == 2, result.stderr
    assert said in result.stderr
    assert "doctor" in result.stderr
    assert result.stderr.count("\n") == 1, "one sentence"
    assert not (tmp_path / "o").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "options", "tier"),
    [
        ("nothing", ["--trusted-code"], "C: files not hidden"),
        ("container", ["--require-tier", "B"], "B"),
        pytest.param("no Landlock", ["--require-tier", "B"], "A-", marks=pytest.mark.nightly),
    ],
)
def test_enough_protection_grades_and_is_told(
    tmp_path: Path, kind: str, options: list[str], tier: str
) -> None:
    if probe().tier != "A":
        pytest.skip(f"this machine has tier {probe().tier} itself")
    result = grade_on(kind, tmp_path / "o", *options)
    assert result.returncode == 0, result.stderr
    found = json.loads((tmp_path / "o" / "results" / "stub.json").read_text(encoding="utf-8"))
    assert found["status"] == "graded"
    assert found["sandbox"]["tier"] == tier


@pytest.mark.slow
@pytest.mark.nightly
def test_planted_bugs_are_our_own_code_and_need_no_protection(tmp_path: Path) -> None:
    command = [AUTOGRADER, "validate", "mini", "--quick", "--assignments", make_mini_course(tmp_path)]
    result = as_on("nothing", [*command, "--out", tmp_path / "v"], timeout_s=300)
    assert result.returncode == 0, result.stdout + result.stderr
    assert (tmp_path / "v" / "mini").is_dir()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_no_permission_is_the_graders_failure(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    result = run("grade", "seminar_cnn", "examples/submissions", "--out", str(tmp_path / "o"))
    assert result.returncode == 1
    assert "cannot write" in result.stderr


def test_an_unwritable_folder_is_the_graders_failure() -> None:
    result = run("grade", "seminar_cnn", "examples/submissions", "--out", "/proc/grades")
    assert result.returncode == 1
    assert "cannot write" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_the_graders_failure(tmp_path: Path) -> None:
    out = tmp_path / "small"
    out.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4k,nr_inodes=3", "tmpfs", out], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("mounting a small disk needs root")
    try:
        (out / "filler").write_bytes(b"x" * 4096)
        result = run("grade", "seminar_cnn", "examples/submissions", "--out", str(out))
    finally:
        subprocess.run(["umount", out], check=True)
    assert result.returncode == 1
    assert "No space left on device" in result.stderr
    assert "Traceback" not in result.stderr
