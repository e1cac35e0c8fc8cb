"""A course of one small assignment, and the real command that validates it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests.autograder.grading_support import AUTOGRADER, ENV, ROOT

SOURCE = ROOT / "assignments" / "seminar_cnn"
HANDOUT = """# %% [markdown] lang="ru"
# # {{title}}
# {{properties:J1}}

# %% [markdown] lang="en"
# # {{title}}
# {{properties:J1}}

# %% task="J1"
"""


def make_course(tmp_path: Path) -> Path:
    """A course of one assignment, `mini`, that holds the task J1 of the homework alone."""
    folder = tmp_path / "course" / "mini"
    for part in ("hidden", "public", "wrong"):
        (folder / part).mkdir(parents=True)
    for part in ("hidden", "public"):
        shutil.copy(SOURCE / part / "test_j1.py", folder / part)
    manifest = (SOURCE / "assignment.toml").read_text(encoding="utf-8")
    head, *tasks = manifest.split("[[tasks]]\n")
    (task,) = (text for text in tasks if text.startswith('id = "J1"'))
    head = head.replace('name = "seminar_cnn"', 'name = "mini"')
    (folder / "assignment.toml").write_text(f"{head}[[tasks]]\n{task}", encoding="utf-8")
    variants = (SOURCE / "wrong" / "variants.toml").read_text(encoding="utf-8").split("[[variants]]\n")[1:]
    chosen = [text for text in variants if text.startswith('id = "j1_')]
    (folder / "wrong" / "variants.toml").write_text(
        "".join(f"[[variants]]\n{text}\n" for text in chosen), encoding="utf-8"
    )
    for path in (SOURCE / "wrong").glob("j1_*.py"):
        shutil.copy(path, folder / "wrong")
    (folder / "handout.py").write_text(HANDOUT, encoding="utf-8")
    return folder.parent


def validate(course: Path, out: Path, *options: str, quick: bool = True) -> subprocess.CompletedProcess[str]:
    command = [AUTOGRADER, "validate", "mini", "--assignments", course, "--out", out, *options]
    command += ["--quick"] if quick else []
    return subprocess.run(
        command, cwd=ROOT, env=ENV, capture_output=True, text=True, timeout=300, check=False
    )
