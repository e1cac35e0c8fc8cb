"""The template engine of the pages: everything that a student wrote is escaped by it."""

from __future__ import annotations

import jinja2

from autograder.text import Lang


def templates(lang: Lang) -> jinja2.Environment:
    """The templates, with numbers as `lang` writes them (filter `decimal`)."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("autograder.results.report"), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["decimal"] = lambda text: text.replace(".", ",") if lang == "ru" else text
    return environment
