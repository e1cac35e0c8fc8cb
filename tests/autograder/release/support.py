"""A small handout of the seminar and its notebook, for the tests of releases."""

from __future__ import annotations

import json
from pathlib import Path

from autograder.course.manifest import Manifest, load_manifest
from autograder.release.notebook import build_notebook, notebook_bytes

ROOT = Path(__file__).parents[3]
HANDOUT = """# %% [markdown] lang="ru"
# # {{title}}
# {{tasks}}

# %% [markdown] lang="en"
# # {{title}}

# %% [markdown]
# Both. {{points:J1}} {{minutes:J1}} {{title:J1}}
# {{properties:J1}}

# %%
import torch

# %% lang="ru"
print("по-русски")

# %% task="J1"

# %% task="K2"

# %% [markdown] lang="ru"
# Конец

# %% [markdown] lang="ru"
# Конец
"""


def two_tasks() -> Manifest:
    """J1 and K2 of the real assignment."""
    real = load_manifest(ROOT / "assignments" / "seminar_cnn")
    return real.model_copy(update={"tasks": (real.task("K2"), real.task("J1"))})


def cells(
    manifest: Manifest, edition_files: dict[str, bytes], lang: str, handout: str = HANDOUT
) -> dict[str, dict[str, object]]:
    """Cells of the notebook as plain data, by id."""
    notebook = json.loads(notebook_bytes(build_notebook(handout, manifest, lang, edition_files)))
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
    return {cell["id"]: cell for cell in notebook["cells"]}


SEMINAR = ROOT / "assignments" / "seminar_cnn"
