"""The summary of a network as a table on the terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from hw_cnn import summary


def print_table(result: summary.Summary) -> None:
    """Print one row per layer and the totals."""
    shape = "x".join(map(str, result.input_shape))
    table = Table(title=f"{result.model}, input {shape}", show_footer=True, title_justify="left")
    table.add_column("layer", footer="total")
    table.add_column("type")
    table.add_column("output", justify="right")
    table.add_column("parameters", justify="right", footer=f"{result.num_parameters:,}")
    table.add_column("MACs", justify="right", footer=f"{result.num_macs:,}")
    table.add_column("receptive field", justify="right")
    table.add_column("jump", justify="right")
    for layer in result.layers:
        table.add_row(
            layer.name,
            layer.kind,
            "x".join(map(str, layer.output_shape)),
            f"{layer.num_parameters:,}" if layer.num_parameters else "",
            f"{layer.num_macs:,}" if layer.num_macs else "",
            _one_or_two(layer.receptive_field_px),
            _one_or_two(layer.jump_px),
        )
    console = Console()
    # A pipe has no width: give the table the room it needs instead of cutting it at 80 columns.
    console.print(table) if console.is_terminal else Console(width=120).print(table)
    console.print(
        "MACs: multiply-accumulates for one image (FLOPs are twice as many). Field and jump in input pixels."
    )


def _one_or_two(size_px: tuple[int, int]) -> str:
    return str(size_px[0]) if size_px[0] == size_px[1] else f"{size_px[0]}x{size_px[1]}"
