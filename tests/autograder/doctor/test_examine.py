"""`autograder doctor` as a user meets it, on this machine and on machines that a filter emulates."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from autograder.doctor.examine import MEANINGS, TIERS, Examination, as_json, as_text, examine
from autograder.doctor.self_test import Verdict, run_attacks
from autograder.errors import GraderError, UsageError
from tests.machines import AUTOGRADER, ROOT, as_on, needs_user_namespaces

ORDER = ("A", "A-", "B", "C")


@pytest.fixture(scope="module")
def here() -> Examination:
    return examine()


def run(*arguments: str, kind: str = "") -> subprocess.CompletedProcess[str]:
    command = [AUTOGRADER, "doctor", *arguments]
    if kind:
        return as_on(kind, command)
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_every_layer_of_the_probe_is_explained(here: Examination) -> None:
    assert {layer.name for layer in here.protection.layers} <= set(MEANINGS)
    for layer in here.protection.layers:
        assert layer.active == (layer.reason == ""), layer


def test_the_table_names_layers_tier_and_gaps(here: Examination) -> None:
    done = run()
    assert done.returncode == 0, done.stderr
    assert done.stdout == as_text(here) + "\n"
    assert f"Tier {here.protection.tier}: {TIERS[here.protection.tier]}." in done.stdout
    for layer in here.protection.layers:
        row = next(line for line in done.stdout.splitlines() if line.startswith(layer.name))
        assert row.removeprefix(layer.name).split()[0] == ("yes" if layer.active else "no")
    for gap in here.gaps:
        assert f"  - {gap}" in done.stdout
    assert ("To raise it" in done.stdout) == (here.protection.tier != "A")


def test_without_a_terminal_the_table_is_plain() -> None:
    text = run().stdout
    assert "\x1b" not in text
    assert not set(text) & set("╭│─╰┃━")


def test_json_says_the_same(here: Examination) -> None:
    done = run("--json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert found == json.loads(as_json(here))
    assert found["tier"] == here.protection.tier
    assert [layer["name"] for layer in found["layers"]] == [layer.name for layer in here.protection.layers]
    assert (found["advice"] is None) == (found["tier"] == "A")


# What is left of this machine's tier when a part of the kernel is refused.
@pytest.mark.parametrize(
    ("kind", "refused", "best"),
    [
        ("container", {"mount namespace", "private root", "pid namespace"}, "B"),
        ("no Landlock", {"Landlock"}, "A-"),
        ("no mount_setattr", {"private root"}, "B"),
        ("old kernel", {"private root", "Landlock"}, "C"),
        ("nothing", {"mount namespace", "private root", "Landlock", "seccomp"}, "C"),
        ("other system", {"mount namespace", "private root", "Landlock", "seccomp"}, "C"),
    ],
)
def test_a_lesser_machine(here: Examination, kind: str, refused: set[str], best: str) -> None:
    done = run("--json", kind=kind)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    inactive = {layer["name"]: layer["reason"] for layer in found["layers"] if not layer["active"]}
    assert refused <= inactive.keys()
    assert all(inactive.values()), "a missing layer needs the kernel's answer"
    if here.protection.tier == "A":
        assert found["tier"] == best
    assert found["tier"] not in ORDER[: ORDER.index(best)]
    assert found["advice"] is not None
    assert found["gaps"]


@pytest.mark.parametrize(
    ("kind", "wanted", "code"),
    [
        ("container", "A", 2),
        ("container", "A-", 2),
        ("container", "B", 0),
        ("no Landlock", "A", 2),
        ("no Landlock", "A-", 0),
        ("no Landlock", "B", 0),
        ("nothing", "B", 2),
    ],
)
def test_require_tier(here: Examination, kind: str, wanted: str, code: int) -> None:
    if here.protection.tier != "A":
        pytest.skip(f"this machine has tier {here.protection.tier} itself")
    done = run("--require-tier", wanted, kind=kind)
    assert done.returncode == code, done.stderr
    assert done.stdout.startswith("layer"), "the table comes all the same"
    if code:
        assert f"--require-tier {wanted}" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("kind", ["user", "net", "mnt"])
def test_the_advised_command_raises_the_tier(here: Examination, kind: str) -> None:
    """Settings of /proc/sys/user belong to a user namespace: in a new one they can be changed for real."""
    if here.protection.tier != "A":
        pytest.skip(f"this machine has tier {here.protection.tier} itself")
    needs_user_namespaces()
    script = """
        setting=/proc/sys/user/max_$1_namespaces
        command="setpriv --inh-caps=-sys_admin --bounding-set=-sys_admin $2 doctor --json"
        echo 0 > $setting && $command && echo '---' && echo $3 > $setting && $command
    """
    done = subprocess.run(
        ["unshare", "--user", "--map-root-user", "sh", "-c", script, "sh", kind, AUTOGRADER, "15000"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    before, after = map(json.loads, done.stdout.split("---"))
    assert before["tier"] == "B"
    assert before["advice"]["command"] == f"sudo sysctl -w user.max_{kind}_namespaces=15000"
    assert after["tier"] == "A"
    assert after["advice"] is None


def test_an_unknown_tier_is_wrong_usage() -> None:
    done = run("--require-tier", "Z")
    assert done.returncode == 2
    assert "--require-tier" in done.stderr


def suite(folder: Path, **tests: str) -> Path:
    """A small attack suite: test name -> body."""
    attacks = folder / "tests" / "attacks"
    attacks.mkdir(parents=True)
    (folder / "pytest.ini").touch()  # nobody else's settings
    lines = ["import pytest"]
    lines += [f"def test_{name}():\n    {body}" for name, body in tests.items()]
    (attacks / "test_small.py").write_text("\n".join(lines) + "\n")
    return attacks


def test_the_self_test_counts(tmp_path: Path) -> None:
    attacks = suite(
        tmp_path, one="pass", two="assert not 'through'", three="pytest.skip('no GPU')", four="pass"
    )
    with (tmp_path / "said").open("w+") as said:
        verdict = run_attacks(said, attacks)
        said.seek(0)
        text = said.read()
    assert verdict == Verdict(held=2, failed=1, skipped=1)
    assert "test_two" in text
    assert str(verdict) == "self-test: 2 checks held, 1 failed, 1 skipped"


@pytest.mark.parametrize("tests", [{}, {"one": "pytest.skip('no kernel')"}, {"one": "return +"}])
def test_a_self_test_that_tried_nothing_is_no_success(tmp_path: Path, tests: dict[str, str]) -> None:
    with (tmp_path / "said").open("w") as said, pytest.raises(GraderError, match="--self-test"):
        run_attacks(said, suite(tmp_path, **tests))


def test_without_the_suite_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no attack suite at .*absent.*clone"):
        run_attacks(sys.stdout, tmp_path / "absent")


def test_an_installed_package_has_no_self_test(tmp_path: Path) -> None:
    # A copy of the package alone stands for a wheel: no tests beside it.
    shutil.copytree(ROOT / "autograder", tmp_path / "autograder")
    code = "import sys; from autograder.cli import main; main(['doctor', '--self-test'])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert "there is no attack suite" in done.stderr
    assert "Traceback" not in done.stderr
