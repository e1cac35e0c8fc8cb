"""Nothing of the project can be read or imported by a worker: however the project is installed, whatever the machine.

The probe runs in another interpreter, installed as a course might, as root and as an ordinary user, on this machine
and on others that a filter of system calls emulates.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.autograder.sandbox_support import IS_ROOT, NOBODY, ROOT
from tests.machines import KINDS_WITH_FILES_HIDDEN, TIERS, TIERS_THAT_HIDE, user_namespaces_refused

pytestmark = pytest.mark.slow

MACHINES = [
    pytest.param(kind, marks=pytest.mark.nightly) if kind == "no Landlock" else kind
    for kind in KINDS_WITH_FILES_HIDDEN
]

PROBE = """
import json, os, sys
from pathlib import Path
from tests import machines
machine, user, out = sys.argv[1:4]
machines.become(machine)
if user == "nobody":
    os.setgroups([]); os.setresgid({nobody}, {nobody}, {nobody}); os.setresuid({nobody}, {nobody}, {nobody})
import autograder, hw_cnn
from autograder.sandbox.host.zygote_client import ZygoteClient
from autograder.sandbox.host.stage import Stage
from autograder.course.manifest import Limits
from tests.autograder.sandbox_support import EDITION, Runner

packages = [Path(module.__file__).parent for module in (autograder, hw_cnn)]
secrets = [path for package in packages for path in package.rglob("*.py")]
secrets += [path for path in Path({root!r}, "assignments").rglob("*") if path.is_file()]
secrets += [path for path in Path(out).rglob("*") if path.is_file()]
modules = ["autograder.grading.judge", "autograder.course.manifest", "autograder.grading.hidden_tests"]
modules += ["hw_cnn.layers.conv2d", "hw_cnn.models.seminar"]
LOOK = '''
import importlib, os
def look(paths, folders, modules, names):
    found = []
    for path in paths:
        try:
            open(path, "rb").read(1)
            found.append(path)
        except OSError:
            pass
    for folder in folders:
        try:
            found += [folder for _ in os.listdir(folder)][:1]
        except OSError:
            pass
    for name in modules:
        try:
            found.append(importlib.import_module(name).__file__)
        except ImportError:
            pass
    for folder, _, files in os.walk("/"):
        found += [os.path.join(folder, file) for file in files if file in names]
    return found
'''
with Stage(EDITION) as stage, ZygoteClient(stage, Limits(), preload=("numpy", "torch")) as zygote:
    overlay = stage.make_overlay({{}})
    with zygote.spawn(overlay) as worker:
        runner = Runner(worker)
        assert runner.run(LOOK)["ok"]
        folders = [str(package) for package in packages] + [{root!r}, out, str(Path(out, "results"))]
        names = {{"judge.py", "grading.py", "course.key", "student.json", "variants.toml", "seminar.py"}}
        found = runner.value(f"look({{[str(path) for path in secrets]}}, {{folders}}, {{modules}}, {{names}})", 60.0)
    print(json.dumps({{"tier": zygote.report.tier, "secrets": len(secrets), "found": found,
                       "installed": str(packages[1])}}))
"""


@contextlib.contextmanager
def open_folder() -> Iterator[Path]:
    """Below no closed folder, as pytest's own are: workers of another user must be able to get there."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name).resolve()


@pytest.fixture(scope="module")
def out() -> Iterator[Path]:
    """Results of a class that anybody may read, so that only the sandbox keeps them."""
    with open_folder() as folder:
        for name in ("course.key", "scores.csv", "results/student.json"):
            path = folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_text("secret")
        yield folder


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def install(wheel: Path, folder: Path) -> Path:
    """A virtual environment with the project as a wheel; its dependencies are those of this one."""
    venv.create(folder, with_pip=False, symlinks=True)
    site = next(folder.glob("lib/python*/site-packages"))
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--no-deps",
        "--quiet",
        "--target",
        str(site),
        str(wheel),
    ]
    subprocess.run(command, check=True, capture_output=True)
    packages = [entry for entry in sys.path if Path(entry).name in ("site-packages", "dist-packages")]
    (site / "dependencies.pth").write_text("".join(f"{entry}\n" for entry in packages))
    return folder / "bin" / "python"


@pytest.fixture(scope="module", params=["editable", "wheel", "home"])
def python(request: pytest.FixtureRequest, wheel: Path) -> Iterator[Path]:
    """An interpreter with the project: as it is here, as a wheel, as a wheel in a closed home folder."""
    if request.param == "editable":
        yield Path(sys.executable)
        return
    with open_folder() as home:
        made = install(wheel, home / "venv")
        if request.param == "home":
            home.chmod(0o700)
        yield made


@pytest.mark.parametrize("user", ["self", "nobody"])
@pytest.mark.parametrize("machine", MACHINES)
def test_nothing_of_the_project_can_be_reached(python: Path, machine: str, user: str, out: Path) -> None:
    if user == "nobody" and not IS_ROOT:
        pytest.skip("only root can become another user")
    code = PROBE.format(nobody=NOBODY, root=str(ROOT))
    environment = os.environ | {"OMP_NUM_THREADS": "1", "HOME": "/nonexistent"}
    installed = python != Path(sys.executable)
    if installed:
        tests = python.parents[1] / "tests"
        if not tests.exists():
            tests.symlink_to(ROOT / "tests")
        environment["PYTHONPATH"] = str(tests.parent)
    else:
        environment["PYTHONPATH"] = str(ROOT)
    done = subprocess.run(
        [str(python), "-P", "-B", "-c", code, machine, user, str(out)],
        capture_output=True, text=True, timeout=180, env=environment, cwd="/",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    answer = json.loads(done.stdout.splitlines()[-1])
    if user_namespaces_refused("self" if user == "self" else "user"):
        assert answer["tier"] in TIERS_THAT_HIDE[TIERS_THAT_HIDE.index(TIERS[machine]) :]
    else:
        assert answer["tier"] == TIERS[machine]
    assert answer["secrets"] > 100
    edition = [path for path in answer["found"] if "/overlays/" not in path]
    assert edition == []
    if installed:
        assert answer["installed"].startswith(str(python.parents[1]))
