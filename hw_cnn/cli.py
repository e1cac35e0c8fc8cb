"""The command `hw-cnn`. Nothing heavy is imported before a command is chosen."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable
from importlib import metadata
from typing import Annotated

import typer

from hw_cnn import _memory, models, usage
from hw_cnn.explain.command import explain
from hw_cnn.transfer.command import probe

TRAINER_COMMANDS = {
    "fit": "Train a network.  hw-cnn fit --config digits",
    "validate": "Measure a trained network on the validation part.",
    "test": "Measure a trained network on the test part.  hw-cnn test --config digits --ckpt_path FILE",
    "predict": "Print the predicted class of each test image.",
}
OTHER_HELP = {
    "check": "Run the public tests on your work.",
    "hint": "Read a hint on a task.  hw-cnn hint F1 2",
    "submit": "Pack your work for handing in.",
}
# The command's own parser reads everything that stands after its name, --help included.
_PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True}


def main(argv: list[str] | None = None) -> int:
    """Run `argv` (default: the command line) and return the exit code: 0 done, 2 wrong usage or input."""
    _memory.keep_freed_memory()
    app = _make_app()
    try:
        app(args=sys.argv[1:] if argv is None else argv, prog_name="hw-cnn")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except usage.InputError as error:
        message = str(error)
    except NotImplementedError as error:
        unwritten = usage.unwritten_task(error)
        if unwritten is None:
            raise
        message = unwritten
    else:
        return 0
    print(f"hw-cnn: {message}", file=sys.stderr)
    return 2


def _make_app() -> typer.Typer:
    app = typer.Typer(
        help="Convolutional networks: train them, look at them, hand in the homework.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    for name, text in TRAINER_COMMANDS.items():
        _pass_on(app, name, text, _trainer_command(name))
    app.command("summary")(_summary)
    app.command("explain")(explain)
    app.command("probe")(probe)
    for entry in sorted(metadata.entry_points(group="hw_cnn.commands"), key=lambda entry: entry.name):
        # Names with a dash are for other programs: `check-in-kernel` is behind `hw_cnn.check`.
        if "-" not in entry.name:
            _pass_on(app, entry.name, OTHER_HELP.get(entry.name, ""), _entry_command(entry))
    return app


def _pass_on(app: typer.Typer, name: str, text: str, run: Callable[[list[str]], int | None]) -> None:
    def command(context: typer.Context) -> None:
        raise typer.Exit(run(context.args) or 0)

    app.command(name, help=text, context_settings=_PASS_ON, add_help_option=False)(command)


def _trainer_command(name: str) -> Callable[[list[str]], int]:
    def run(argv: list[str]) -> int:
        if importlib.util.find_spec("jsonargparse") is None:
            raise usage.InputError(f"{name} needs jsonargparse: pip install 'jsonargparse[signatures]>=4.40'")
        print("loading Lightning...", file=sys.stderr, flush=True)
        # Threads that wait actively make small networks many times slower as soon as a core has other work.
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        with _memory.importing():
            from hw_cnn.fit import command

        command.run(name, argv)
        return 0

    return run


def _entry_command(entry: metadata.EntryPoint) -> Callable[[list[str]], int | None]:
    return lambda argv: entry.load()(argv)


def _summary(
    model: Annotated[str, typer.Argument(help=", ".join(models.REGISTRY), metavar="MODEL")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Print a network's layers: output shape, parameters, multiplications, receptive field."""
    if model not in models.REGISTRY:
        raise usage.InputError(f"there is no model {model!r}; the models are {', '.join(models.REGISTRY)}")
    with _memory.importing():
        from hw_cnn.summary import table, trace

    result = trace.summarise(model)
    if as_json:
        print(result.to_json())
    else:
        table.print_table(result)


if __name__ == "__main__":
    sys.exit(main())
