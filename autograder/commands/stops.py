"""A command that Ctrl-C stops at a safe place, with a word on how to go on."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import typer

from autograder.grading.stopping import STOPPED, held

GO_ON = "autograder: stopped; finished results are kept, the same command continues"

Given = ParamSpec("Given")
Result = TypeVar("Result")


def stops_softly(command: Callable[Given, Result]) -> Callable[Given, Result]:
    """The command within `held`; stopped, it says what its KeyboardInterrupt says, or `GO_ON`, and ends with 130."""

    @functools.wraps(command)
    def run(*args: Given.args, **kwargs: Given.kwargs) -> Result:
        try:
            with held():
                return command(*args, **kwargs)
        except KeyboardInterrupt as stopped:
            typer.echo(str(stopped) or GO_ON, err=True)
            raise typer.Exit(STOPPED) from None

    return run
