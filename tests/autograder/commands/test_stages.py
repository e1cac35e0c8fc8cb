"""How far a command has come: one rewritten line on a terminal, a few plain ones elsewhere."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st

from autograder.commands.stages import CLEAR, PLAIN_LINES, Stages


class Terminal(io.StringIO):
    """A stream that says it is one."""

    def isatty(self) -> bool:
        return True


def shown(stream: io.StringIO, total: int) -> str:
    stages = Stages(stream)
    for done in range(1, total + 1):
        stages.tell("salt 1", done, total)
    return stream.getvalue()


def test_a_terminal_has_one_line_that_ends_with_the_last() -> None:
    text = shown(Terminal(), 3)
    assert text == "".join(f"{CLEAR}salt 1: {done} of 3" for done in (1, 2, 3)) + "\n"


@given(st.integers(min_value=1, max_value=300))
def test_a_file_has_a_few_lines_and_always_the_last(total: int) -> None:
    lines = shown(io.StringIO(), total).splitlines()
    assert len(lines) == min(total, PLAIN_LINES)
    assert lines[-1] == f"salt 1: {total} of {total}"


def test_a_line_that_is_open_ends_before_another_is_said() -> None:
    stream = Terminal()
    stages = Stages(stream)
    stages.tell("salt 1", 1, 3)
    stages.say("done with it")
    assert stream.getvalue().endswith("1 of 3\n")
