"""The page itself: HTML without scripts that opens from a file, with the pictures beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2

from hw_cnn import data
from hw_cnn.explain import folder, texts
from hw_cnn.explain.material import Material
from hw_cnn.interpret.figures import canvas, words


@dataclass(frozen=True)
class Picture:
    """A file relative to the page, what it shows in words, and its size."""

    file: str
    alt: str
    width_px: int
    height_px: int

    @property
    def shown_px(self) -> int:
        """The width at which letters are as large as in the text: 100 pixels an inch."""
        return round(self.width_px * 100 / canvas.DPI)

    @property
    def least_px(self) -> int:
        """The width below which its letters could not be read: a narrow screen scrolls."""
        return min(self.shown_px, max(320, round(0.62 * self.shown_px)))


@dataclass(frozen=True)
class Section:
    """One part of the page; without pictures the text says why there are none."""

    name: str
    title: str
    text: str
    pictures: tuple[Picture, ...]


def render(material: Material, shown: Sequence[Section]) -> str:
    """Give the page as text. Everything that is not ours (names of files and classes) is escaped."""
    say = texts.of(material.lang)["page"]
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html.j2").render(
        lang=material.lang,
        origin=folder.ORIGIN,
        title=say["title"].format(network=material.network_name),
        say=say,
        facts=_facts(material),
        sections=shown,
        sources=texts.SOURCES,
    )


def _facts(material: Material) -> list[tuple[str, str, str]]:
    """What the page is about: (name, value, remark)."""
    say, lang = texts.of(material.lang)["page"], material.lang
    num_parameters = sum(parameter.numel() for parameter in material.model.parameters())
    shape = " × ".join(map(str, material.input_shape))
    count = len(material.labels)
    is_whole = count == material.num_test
    part = say["test_part" if is_whole else "test_sample" if material.step > 1 else "test_first"]
    share, low, high = (words.percent(value, lang) for value in material.accuracy)
    return [
        (
            say["network"],
            material.network_name,
            say["parameters"].format(count=words.count(num_parameters, lang), shape=shape),
        ),
        (say["checkpoint"], material.checkpoint, ""),
        (
            say["data"],
            part.format(name=_data_name(material), count=count, all=material.num_test, step=material.step),
            "",
        ),
        (say["accuracy"], share, say["interval"].format(low=low, high=high)),
    ]


def _data_name(material: Material) -> str:
    """Give the short name of the data where they have one."""
    kind = type(material.data)
    names = {path: name for name, path in data.REGISTRY.items()}
    return names.get(f"{kind.__module__}.{kind.__qualname__}", kind.__name__)
