"""The command `hw-cnn explain`: what can be refused is refused before anything heavy is imported."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from typing import Annotated, Any

import typer

from hw_cnn import _memory, language, usage

MAX_EXAMPLES = 12


def explain(
    checkpoint: Annotated[str, typer.Argument(help="A checkpoint that `hw-cnn fit` wrote.", metavar="CKPT")],
    out: Annotated[
        Path, typer.Option("--out", help="Folder for index.html and its pictures.", metavar="DIR")
    ],
    lang: Annotated[
        str | None, typer.Option(help="Language of the page: ru or en. Default: the environment's.")
    ] = None,
    data: Annotated[
        str | None, typer.Option("--data", help="Other data than the training's, by name.", metavar="NAME")
    ] = None,
    data_root: Annotated[
        Path | None, typer.Option(help="Folder of the data set's files.", metavar="DIR")
    ] = None,
    config: Annotated[
        str | None,
        typer.Option(
            help="Configuration of the training, where it is not beside the checkpoint.", metavar="FILE"
        ),
    ] = None,
    num_images: Annotated[int, typer.Option(help="How many images are explained one by one.")] = 5,
) -> None:
    """Draw what a network has learned: filters, layer outputs, occlusion, gradients, Grad-CAM, mistakes, features."""
    if lang is None:
        lang = language.of_environment()
    if lang not in language.LANGS:
        raise usage.InputError(f"there is no page in {lang!r}; --lang is {' or '.join(language.LANGS)}")
    if not 1 <= num_images <= MAX_EXAMPLES:
        raise usage.InputError(f"--num-images (={num_images}) must be 1 to {MAX_EXAMPLES}")
    if importlib.util.find_spec("matplotlib") is None:
        raise usage.InputError("explain needs matplotlib: pip install 'matplotlib>=3.10'")
    from hw_cnn.explain import folder

    folder.check(out)
    language.announce_loading(lang)
    # Threads that wait actively make small networks many times slower as soon as a core has other work.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    with _memory.importing():
        from hw_cnn.explain import building, loading

    material = loading.load(checkpoint, config, data, data_root, lang, num_images)
    finish(building.build(material, out))


def finish(built: Any) -> None:
    """Say where the page lies, and end with the first section that could not be drawn."""
    print(built.sentence)
    if built.failure is not None:
        raise built.failure
