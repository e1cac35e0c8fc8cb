"""From a checkpoint to a page: runs the sections one after another and writes what they give."""

from __future__ import annotations

import importlib
import io
import struct
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure

from hw_cnn import _files, usage
from hw_cnn.data import errors
from hw_cnn.explain import content, folder, page, sections, texts
from hw_cnn.explain.material import Material
from hw_cnn.interpret.figures import canvas


@dataclass(frozen=True)
class Built:
    """What the command says in the end, and the first thing that went wrong in a section."""

    sentence: str
    failure: Exception | None


def build(material: Material, out: Path, names: Sequence[str] = sections.NAMES) -> Built:
    """Write `out/index.html` with the sections `names`; one that fails says so on the page and stops no other one.

    Raises: usage.InputError when `out` cannot be written.
    """
    start_s = time.monotonic()
    with folder.told(out):
        folder.check(out)
        folder.clear(out)
        shown, failure = [], None
        for number, name in enumerate(names, 1):
            title = texts.of(material.lang)[name]["title"]
            print(f"{number}/{len(names)}  {title}", file=sys.stderr, flush=True)
            section, error = _section(material, name, out)
            shown.append(section)
            failure = failure or error
        _files.write_whole(out / folder.INDEX, page.render(material, shown).encode("utf-8"))
    num_pictures = sum(len(section.pictures) for section in shown)
    elapsed_s = time.monotonic() - start_s
    return Built(f"{out / folder.INDEX}: {num_pictures} pictures in {elapsed_s:.0f} s", failure)


def _section(material: Material, name: str, out: Path) -> tuple[page.Section, Exception | None]:
    say = texts.of(material.lang)
    title = say[name]["title"]
    try:
        drawn = importlib.import_module(f"hw_cnn.explain.sections.{name}").draw(material)
    except content.NotApplicableError as error:
        return page.Section(name, title, say["reasons"][error.reason], ()), None
    except usage.InputError:
        raise
    except errors.DataError as error:
        return page.Section(name, title, say["page"]["failed"].format(error=error), ()), None
    except NotImplementedError as error:
        if usage.unwritten_task(error) is None:
            return _failed(name, material, error)
        task = str(error).split()[1]
        return page.Section(name, title, say["page"]["unwritten"].format(task=task), ()), error
    except Exception as error:
        # The other sections are still worth having; the command ends with this error.
        return _failed(name, material, error)
    pictures = tuple(
        _picture(out, file, figure, say[name]["alts"][file].format(**drawn.values))
        for file, figure in drawn.pictures.items()
    )
    return page.Section(name, title, say[name]["text"].format(**drawn.values), pictures), None


def _failed(name: str, material: Material, error: Exception) -> tuple[page.Section, Exception]:
    say = texts.of(material.lang)
    shown = f"{type(error).__name__}: {usage.one_line(str(error))}"
    return page.Section(name, say[name]["title"], say["page"]["failed"].format(error=shown), ()), error


def _picture(out: Path, name: str, figure: Figure, alt: str) -> page.Picture:
    path = out / folder.PICTURES / f"{name}.png"
    buffer = io.BytesIO()
    canvas.save(figure, buffer, origin=folder.ORIGIN)
    _files.write_whole(path, buffer.getvalue())
    # Width and height stand at the same place of every PNG.
    width_px, height_px = struct.unpack(">II", buffer.getvalue()[16:24])
    return page.Picture(f"{folder.PICTURES}/{path.name}", alt, width_px, height_px)
