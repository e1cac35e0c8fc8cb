"""The workflows of this project as data, and their steps as a runner would start them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = ROOT / ".github" / "workflows"
EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")


def workflow(name: str) -> dict[str, Any]:
    """YAML 1.1 reads the key `on` as true."""
    data = yaml.safe_load((WORKFLOWS / name).read_text(encoding="utf-8"))
    data["on"] = data.pop(True)
    return dict(data)


def follows_the_schema(path: Path) -> subprocess.CompletedProcess[str]:
    """What the schema of GitHub's workflows says of a file."""
    return subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", path],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def filled(text: str, inputs: dict[str, str]) -> str:
    """With the values of `inputs`. Raises: KeyError for any other expression."""
    return EXPRESSION.sub(lambda found: inputs[found[1].removeprefix("inputs.")], text)
