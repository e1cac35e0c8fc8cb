"""`autograder doctor` as a user meets it, on this machine and on machines that a filter emulates."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from autograder.doctor.examine import MEANINGS, TIERS, Examination, as_json, as_text, examine
from tests.machines import AUTOGRADER, as_on, needs_user_namespaces

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


@pytest.mark.parametrize(
    ("kind", "layer", "said"), [("container", False, "Submissions at once: 1,"), ("", True, "one per core")]
)
def test_it_says_how_many_submissions_are_graded_at_once(kind: str, layer: bool, said: str) -> None:
    if not kind and not examine().protection.counted_apart:
        pytest.skip("this machine counts the processes of all workers together")
    assert said in run(kind=kind).stdout
    found = json.loads(run("--json", kind=kind).stdout)
    assert found["jobs"] == ("cores" if layer else 1)
    gaps = [gap for gap in found["gaps"] if "one submission at a time" in gap]
    assert len(gaps) == (0 if layer else 1)


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
