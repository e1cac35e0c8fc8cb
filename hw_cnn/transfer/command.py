"""The command `hw-cnn probe`: what can be refused is refused before anything heavy is imported."""

from __future__ import annotations

import importlib.util
import os
import re
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hw_cnn import _memory, language, usage
from hw_cnn import data as data_sets

if TYPE_CHECKING:
    from hw_cnn.transfer.experiment import comparison

DEVICES = ("auto", "cpu", "cuda")
NUM_NEIGHBOURS = 6
MAX_QUERIES = 10
COLUMNS = {
    "en": ("features", "numbers", "accuracy, %", "95 % interval", "sd", "weight decay", "seconds", "cache"),
    "ru": ("признаки", "чисел", "доля верных, %", "интервал 95 %", "СКО", "регуляризация", "секунд", "кэш"),
}
TEXTS = {
    "en": {
        "head": "{data}: {labels} labels, {classes} classes, {test} test images, {seeds} seeds; "
        "guessing {chance} %",
        "raw pixels": "raw pixels",
        "read": "read",
        "picture": "neighbours: {path}",
    },
    "ru": {
        "head": "{data}: меток {labels}, классов {classes}, тестовых изображений {test}, повторений {seeds}; "
        "наугад {chance} %",
        "raw pixels": "сами пиксели",
        "read": "из кэша",
        "picture": "соседи: {path}",
    },
}  # fmt: skip


def probe(
    backbone: Annotated[
        str,
        typer.Argument(
            help="efficientnet-lite0, alexnet, vgg16, or a checkpoint that `hw-cnn fit` wrote.",
            metavar="BACKBONE",
        ),
    ],
    data: Annotated[
        str, typer.Option("--data", help=", ".join(data_sets.REGISTRY), metavar="NAME")
    ] = "digits",
    data_root: Annotated[
        Path | None, typer.Option(help="Folder of the data set's files.", metavar="DIR")
    ] = None,
    layer: Annotated[
        str | None, typer.Option(help="Name of a layer; default: what enters the last dense one.")
    ] = None,
    labels: Annotated[
        int | None, typer.Option(help="How many labelled images, over all classes; default 1000.")
    ] = None,
    classes: Annotated[str | None, typer.Option(help="Only these classes, for example 5-9 or 0,3,7.")] = None,
    seeds: Annotated[int, typer.Option(help="How many times labelled images are drawn.")] = 5,
    test_images: Annotated[int | None, typer.Option(help="How many test images; default all.")] = None,
    config: Annotated[
        str | None, typer.Option(help="Configuration of the checkpoint's training.", metavar="FILE")
    ] = None,
    neighbours: Annotated[
        Path | None, typer.Option(help="Write a picture of nearest neighbours there.", metavar="FILE")
    ] = None,
    device: Annotated[str, typer.Option(help=" or ".join(DEVICES))] = "auto",
    lang: Annotated[str | None, typer.Option(help="ru or en. Default: the environment's.")] = None,
) -> None:
    """Measure how well a trained network's features serve another task, by a linear classifier on top of them."""
    if lang is None:
        lang = language.of_environment()
    _refuse(lang, data, labels, seeds, test_images, device, neighbours)
    numbers = None if classes is None else parse_classes(classes)
    language.announce_loading(lang)
    # Threads that wait actively make small networks many times slower as soon as a core has other work.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    with _memory.importing():
        from hw_cnn.transfer.experiment import comparison, feature_cache

    request = comparison.Request(
        backbone, data, data_root, config, layer, labels, test_images, numbers, seeds, _device(device)
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", feature_cache.CacheWarning)
        try:
            result = comparison.measure(request, progress=True)
        except ValueError as error:
            if not usage.is_raised_here(error):
                raise
            raise usage.InputError(usage.one_line(str(error))) from error
    for message in dict.fromkeys(str(warning.message) for warning in caught):
        print(f"hw-cnn: {message}", file=sys.stderr)
    print_table(result, data, lang)
    if neighbours is not None:
        _draw(result, neighbours, lang)
        print(TEXTS[lang]["picture"].format(path=neighbours))


def parse_classes(text: str) -> tuple[int, ...]:
    """Read "5-9" or "0,3,7-8". Raises: usage.InputError for anything else."""
    numbers: list[int] = []
    for word in text.split(","):
        match = re.fullmatch(r"\s*(\d{1,4})(?:-(\d{1,4}))?\s*", word)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if first > last:
            raise usage.InputError(
                f"--classes (={text!r}) must be numbers and ranges, for example 5-9 or 0,3,7"
            )
        numbers += range(first, last + 1)
    chosen = tuple(dict.fromkeys(numbers))
    if len(chosen) < 2:
        raise usage.InputError(f"--classes (={text!r}) must name at least two classes")
    return chosen


def _refuse(
    lang: str,
    data: str,
    labels: int | None,
    seeds: int,
    test_images: int | None,
    device: str,
    neighbours: Path | None,
) -> None:
    if lang not in language.LANGS:
        raise usage.InputError(f"there is no table in {lang!r}; --lang is {' or '.join(language.LANGS)}")
    if data not in data_sets.REGISTRY:
        raise usage.InputError(
            f"there is no data set {data!r}; the data sets are {', '.join(data_sets.REGISTRY)}"
        )
    for option, value in (("--labels", labels), ("--seeds", seeds), ("--test-images", test_images)):
        if value is not None and value < 1:
            raise usage.InputError(f"{option} (={value}) must be at least 1")
    if device not in DEVICES:
        raise usage.InputError(f"there is no device {device!r}; --device is {' or '.join(DEVICES)}")
    if neighbours is None:
        return
    if importlib.util.find_spec("matplotlib") is None:
        raise usage.InputError("--neighbours needs matplotlib: pip install 'matplotlib>=3.10'")
    if neighbours.suffix.lower() not in (".png", ".svg", ".pdf"):
        raise usage.InputError(f"--neighbours (={str(neighbours)!r}) must end with .png, .svg or .pdf")
    if not neighbours.absolute().parent.is_dir():
        raise usage.InputError(f"--neighbours: there is no folder {str(neighbours.absolute().parent)!r}")


def _device(name: str) -> str:
    import torch

    if name == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if name == "cuda" and not torch.cuda.is_available():
        raise usage.InputError("--device cuda: torch finds no GPU here; take cpu")
    return name


def print_table(result: comparison.Result, data: str, lang: str) -> None:
    """Print one row for the backbone and one for raw pixels."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from hw_cnn.interpret.figures import words

    text = TEXTS[lang]
    num_test = len(result.test.labels)
    head = text["head"].format(
        data=data,
        labels=words.count(result.num_labels, lang),
        classes=result.num_classes,
        test=words.count(num_test, lang),
        seeds=len(result.rows[0].accuracies),
        chance=words.number(100 / result.num_classes, lang, 1),
    )
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for number, column in enumerate(COLUMNS[lang]):
        table.add_column(column, justify="left" if number in (0, 7) else "right")
    for row in result.rows:
        low, high = row.interval(num_test)
        table.add_row(
            text.get(row.name, Path(row.name).name),
            words.count(row.num_features, lang),
            words.number(100 * row.mean, lang, 2),
            "-".join(words.number(100 * share, lang, 2) for share in (low, high)),
            "" if row.deviation is None else words.number(100 * row.deviation, lang, 2),
            "; ".join(words.number(value, lang) for value in sorted(set(row.weight_decays))),
            words.number(row.seconds, lang, 1),
            text["read"] if row.is_from_cache else "",
        )
    print(head)
    # A terminal that is too narrow breaks long lines itself; rich would cut numbers.
    Console(width=max(Console().width, Console(width=1000).measure(table).maximum)).print(table)


def _draw(result: comparison.Result, path: Path, lang: str) -> None:
    """Draw the neighbours of the first test image of each class."""
    from hw_cnn.transfer import retrieval
    from hw_cnn.transfer.experiment import comparison, figures

    labels = result.test.labels
    queries = [int((labels == label).nonzero()[0]) for label in labels.unique()[:MAX_QUERIES]]
    import torch

    chosen = torch.tensor(queries)
    neighbours = retrieval.nearest(result.test_features, chosen, min(NUM_NEIGHBOURS, len(labels) - 1))
    names = getattr(result.data, "class_names", None)
    images = comparison.as_images(result.test, 96)
    figure = figures.draw_neighbours(images, labels, chosen, neighbours, names(lang) if names else None, lang)
    try:
        figure.savefig(path, dpi=150)
    except OSError as error:
        raise usage.InputError(f"cannot write {path}: {error.strerror or error}") from error
