"""`autograder doctor`: what contains a student's code on this machine."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from autograder.commands.options import TierOption


def add(app: typer.Typer) -> None:
    """Put the command on the command line."""
    app.command()(doctor)


def doctor(
    self_test: Annotated[
        bool, typer.Option("--self-test", help="Run the attack suite on this machine, too.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
    require_tier: TierOption = None,
) -> None:
    """Show which layers of the sandbox hold on this machine, and how to get more of them."""
    from autograder.doctor import examine
    from autograder.doctor.self_test import run_attacks
    from autograder.sandbox.host import tiers

    examination = examine.examine()
    if not as_json:
        typer.echo(examine.as_text(examination))
    if self_test:
        print("running the attack suite, which takes some minutes...", file=sys.stderr, flush=True)
    sys.stdout.flush()
    verdict = run_attacks(sys.stderr if as_json else sys.stdout) if self_test else None
    if as_json:
        typer.echo(examine.as_json(examination, verdict))
    elif verdict is not None:
        typer.echo(str(verdict))
    tiers.require(examination.protection.tier, require_tier, trusted_code=True)
    if verdict is not None and verdict.failed:
        raise typer.Exit(1)
