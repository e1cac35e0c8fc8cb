"""The template engine of the pages: everything that a student wrote is escaped by it."""

from __future__ import annotations

import jinja2

from autograder.text import Lang, unbroken


def templates(lang: Lang, package: str = "autograder.results.report") -> jinja2.Environment:
    """The templates of a package, with numbers and texts as `lang` writes them (`decimal`, `say`, `unbroken`)."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(package), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["decimal"] = lambda text: text.replace(".", ",") if lang == "ru" else text
    environment.filters["unbroken"] = unbroken
    environment.filters["say"] = lambda text: text.get(lang)
    return environment
