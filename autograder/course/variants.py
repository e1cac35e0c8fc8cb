"""The planted bugs and correct variants of an assignment: `wrong/variants.toml` as checked values."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from autograder.course.checking.problems import refuse, repeats
from autograder.course.checking.toml_file import load
from autograder.course.manifest import Manifest, TaskId, TestId
from autograder.text import Text, Value

VARIANTS_NAME = "variants.toml"
# Between the id of a variant and the name of a file that spells the same mistake otherwise.
OTHER_SPELLING = "__"


class Variant(Value):
    """A planted bug (its task must lose points) or a correct variant (full score), in `wrong/<id>.py`.

    `checkpoint` is what is handed in as model.safetensors: the reference's weights, nothing, or zeros in their place;
    a variant that changes only this has no file. `only` names the training tests to run, where the others would
    repeat the reference's training. A bug loses at least `min_points_lost` of its task and keeps at most `at_most`; it
    costs no more than a price (`autograder/validation/prices.py`), which is higher for the `lesson` of the task.
    """

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
    task: TaskId
    kind: Literal["bug", "correct"]
    number: int | None = Field(default=None, description="the course's own number of the bug")
    what: Text
    min_points_lost: float = Field(default=0.0, ge=0)
    at_most: float | None = Field(default=None, ge=0, description="points of its task that it may keep")
    lesson: bool = Field(default=False, description="whether not to make it is what the task teaches")
    checkpoint: Literal["reference", "none", "zeros"] = "reference"
    only: tuple[TestId, ...] = ()

    @model_validator(mode="after")
    def _is_priced(self) -> Variant:
        if self.kind == "correct" and (self.lesson or self.at_most is not None):
            raise ValueError(f"{self.id} is a correct variant: at_most and lesson are prices of bugs")
        return self


class Variants(Value):
    """All planted bugs and correct variants of an assignment."""

    variants: tuple[Variant, ...]

    @model_validator(mode="after")
    def _unique(self) -> Variants:
        refuse(
            [
                *repeats("variant id", [variant.id for variant in self.variants]),
                *repeats("the lesson of task", [variant.task for variant in self.variants if variant.lesson]),
            ]
        )
        return self


def load_variants(folder: Path) -> tuple[Variant, ...]:
    """Read `folder/wrong/variants.toml`. Raises: UsageError naming file, key and mend."""
    return load(folder / "wrong" / VARIANTS_NAME, Variants).variants


def of_tasks(manifest: Manifest, variants: Iterable[Variant]) -> tuple[Variant, ...]:
    """Those whose task the manifest asks."""
    asked = {task.id for task in manifest.tasks}
    return tuple(variant for variant in variants if variant.task in asked)


def spellings(folder: Path, variant: Variant) -> list[Path]:
    """The files of a variant: `wrong/<id>.py`, where it has one, and the same mistake put otherwise, `<id>__<name>.py`.

    The first is graded by `validate`; the diagnosis knows the mistake by all of them.
    """
    first = folder / "wrong" / f"{variant.id}.py"
    others = sorted(first.parent.glob(f"{variant.id}{OTHER_SPELLING}*.py"))
    return [path for path in (first, *others) if path.is_file()]


def known_variants(folder: Path) -> tuple[Variant, ...]:
    """The same; none for a course that plants no bugs, which loses only the diagnosis."""
    return load_variants(folder) if (folder / "wrong" / VARIANTS_NAME).is_file() else ()
