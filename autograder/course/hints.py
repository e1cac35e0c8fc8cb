"""Graduated hints of a task: three steps from the idea to the algorithm in words, and never a line of code."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from autograder.text import Lang, Value
from autograder.wire.forbidden_calls import shown

NUM_STEPS = 3
Step = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Steps = Annotated[tuple[Step, ...], Field(min_length=NUM_STEPS, max_length=NUM_STEPS)]
# What stands between backticks is a name or a value that a student reads; with an equals sign it is a statement.
BACKTICKED, ASSIGNED = re.compile(r"`([^`]*)`"), re.compile(r"(?<![=!<>])=(?!=)")
FENCE = "```"


class Hints(Value):
    """The three steps, in both languages."""

    ru: Steps
    en: Steps

    @model_validator(mode="after")
    def _no_code(self) -> Hints:
        for step in (*self.ru, *self.en):
            code = code_in(step)
            if code is not None:
                raise ValueError(f"a hint says in words what to do, and this one holds code: {code!r}")
        return self

    def get(self, lang: Lang) -> tuple[str, ...]:
        """The steps in one language."""
        return self.ru if lang == "ru" else self.en

    def refuse_calls(self, forbidden: Sequence[str]) -> None:
        """Raises: ValueError when a step advises what the task forbids: these names end in a bracket."""
        for step in (*self.ru, *self.en):
            for name in forbidden:
                if f"{shown(name)}(" in step or f"{name}(" in step:
                    raise ValueError(f"a hint calls {shown(name)}, which the task forbids")


def code_in(step: str) -> str | None:
    """The first piece of a hint that is code: a fenced block, a line break, or a statement between backticks."""
    if FENCE in step or "\n" in step:
        return step
    for text in BACKTICKED.findall(step):
        if ASSIGNED.search(text) or text.startswith(
            ("return ", "for ", "import ", "from ", "def ", "while ")
        ):
            return str(text)
    return None
