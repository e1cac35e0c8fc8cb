"""The summary of a network as a table on the terminal."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.table import Table

from hw_cnn.summary import trace

NOTE = (
    "connections: for each output number, the weights and biases that feed it. MACs: multiply-accumulates for one\n"
    "image (FLOPs are twice as many). Receptive field, jump: pixels of the input under one number, and between two."
)


def print_table(result: trace.Summary) -> None:
    """Print one row per layer and the totals."""
    shape = "x".join(map(str, result.input_shape))
    title = f"{result.model}, input {shape}"
    table = Table(
        title=title,
        title_justify="left",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        show_footer=True,
    )
    table.add_column("layer", footer="total")
    table.add_column("type")
    table.add_column("output", justify="right")
    table.add_column("parameters", justify="right", footer=f"{result.num_parameters:,}")
    table.add_column("connections", justify="right", footer=f"{result.num_connections:,}")
    table.add_column("MACs", justify="right", footer=f"{result.num_macs:,}")
    table.add_column("receptive\nfield", justify="right")
    table.add_column("jump", justify="right")
    for layer in result.layers:
        counts = (layer.num_parameters, layer.num_connections, layer.num_macs)
        table.add_row(
            layer.name,
            layer.kind,
            "x".join(map(str, layer.output_shape)),
            *(f"{count:,}" if count else "" for count in counts),
            # A layer that never runs sees nothing.
            *(
                _one_or_two(size) if layer.output_shape else ""
                for size in (layer.receptive_field_px, layer.jump_px)
            ),
        )
    # A terminal that is too narrow breaks long lines itself; rich would cut numbers.
    Console(width=max(Console().width, Console(width=1000).measure(table).maximum)).print(table)
    print(NOTE)


def _one_or_two(size_px: tuple[int, int]) -> str:
    return str(size_px[0]) if size_px[0] == size_px[1] else f"{size_px[0]}x{size_px[1]}"
