"""The summary of a network as a table on the terminal."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.table import Table

from hw_cnn import language
from hw_cnn.summary import trace

# (English, Russian)
WORDS = {
    "title": ("{model}, input {shape}", "{model}, вход {shape}"),
    "layer": ("layer", "слой"),
    "type": ("type", "тип"),
    "output": ("output", "выход"),
    "parameters": ("parameters", "параметры"),
    "connections": ("connections", "связи"),
    "macs": ("MACs", "MAC"),
    "field": ("field", "поле"),
    "jump": ("jump", "шаг"),
    "total": ("total", "всего"),
    "note": (
        "connections: for each output number, the weights and biases that feed it. MACs: multiply-accumulates\n"
        "for one image (FLOPs are twice as many). Field, jump: pixels of the input under one number (its\n"
        "receptive field), and between two.",
        "Связи: веса и смещения, от которых зависит каждое число выхода. MAC: умножения со сложением на одну\n"
        "картинку (FLOP вдвое больше). Поле, шаг: сколько пикселей входа под одним числом (поле зрения) и\n"
        "между двумя.",
    ),
}


def print_table(result: trace.Summary, lang: str = "en") -> None:
    """Print one row per layer and the totals, in the language `lang` ("en" or "ru").

    Raises: ValueError for another language.
    """
    language.check(lang)
    said = {key: russian if lang == "ru" else english for key, (english, russian) in WORDS.items()}
    shape = "x".join(map(str, result.input_shape))
    title = said["title"].format(model=result.model, shape=shape)
    table = Table(
        title=title,
        title_justify="left",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        show_edge=False,  # VGG-16 has 102 characters, and a notebook in a window of 1000 pixels shows 103
        show_footer=True,
    )
    table.add_column(said["layer"], footer=said["total"])
    table.add_column(said["type"])
    table.add_column(said["output"], justify="right")
    table.add_column(said["parameters"], justify="right", footer=_count(result.num_parameters, lang))
    table.add_column(said["connections"], justify="right", footer=_count(result.num_connections, lang))
    table.add_column(said["macs"], justify="right", footer=_count(result.num_macs, lang))
    table.add_column(said["field"], justify="right")
    table.add_column(said["jump"], justify="right")
    for layer in result.layers:
        counts = (layer.num_parameters, layer.num_connections, layer.num_macs)
        table.add_row(
            layer.name,
            layer.kind,
            "x".join(map(str, layer.output_shape)),
            *(_count(count, lang) if count else "" for count in counts),
            # A layer that never runs sees nothing.
            *(
                _one_or_two(size) if layer.output_shape else ""
                for size in (layer.receptive_field_px, layer.jump_px)
            ),
        )
    # A terminal that is too narrow breaks long lines itself; rich would cut numbers.
    Console(width=max(Console().width, Console(width=1000).measure(table).maximum)).print(table)
    print(said["note"])


def _count(number: int, lang: str) -> str:
    """A whole number with its thousands apart."""
    return f"{number:,}".replace(",", "\N{NO-BREAK SPACE}" if lang == "ru" else ",")


def _one_or_two(size_px: tuple[int, int]) -> str:
    return str(size_px[0]) if size_px[0] == size_px[1] else f"{size_px[0]}x{size_px[1]}"
