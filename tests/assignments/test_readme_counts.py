"""The figures that README tells of what `validate` works through: counted anew from the folders."""

from __future__ import annotations

import re

from autograder.course.variants import load_variants
from tests.autograder.grading_support import ROOT

TOLD = re.compile(r"(\d+) planted bugs, (\d+) correct variants, (\d+) other mistakes")


def test_readme_counts_bugs_variants_and_other_mistakes() -> None:
    folders = sorted(path.parent for path in ROOT.glob("assignments/*/assignment.toml"))
    kinds = [variant.kind for folder in folders for variant in load_variants(folder)]
    others = sum(len(list(folder.glob("wrong/other/*.py"))) for folder in folders)
    (told,) = TOLD.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    assert tuple(map(int, told)) == (kinds.count("bug"), kinds.count("correct"), others)
