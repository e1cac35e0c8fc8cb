"""The template engine of the pages: everything that a student wrote is escaped by it."""

from __future__ import annotations

import re
from functools import cache

import jinja2
from markupsafe import Markup, escape

from autograder.grids.html import as_html
from autograder.results.protection import gap_in_words, layer_in_words
from autograder.results.report import words
from autograder.results.report.overview import shown_name
from autograder.text import Lang, number, unbroken

CODE = re.compile("`([^`]+)`")


def templates(lang: Lang, package: str = "autograder.results.report") -> jinja2.Environment:
    """The templates of a package, with numbers and texts as `lang` has them (`decimal`, `say`, `unbroken`, `code`)."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(package), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["decimal"] = lambda text: text.replace(".", ",") if lang == "ru" else text
    environment.filters["unbroken"] = unbroken
    environment.filters["say"] = lambda text: text.get(lang)
    environment.filters["code"] = with_code
    return environment


def with_code(text: str) -> Markup:
    """Sentences of a manifest are Markdown: what stands between backticks is code. All of it is escaped."""
    return Markup(CODE.sub(r"<code>\1</code>", str(escape(text))))


@cache
def pages(lang: Lang) -> jinja2.Environment:
    """The templates of the class's and the students' pages, which have more to say; compiled once in a process."""
    environment = templates(lang)
    environment.filters |= {
        "number": lambda value: number(value, lang),
        "percent": lambda share: words.percent(share, lang),
        "range": lambda bar: words.spread(bar.start, bar.end, lang),
        "works": lambda count: words.works(count, lang),
        "moment": lambda at: words.moment(at, lang),
        "brief": lambda text: words.brief(text, lang),
        "status": lambda one: words.status_in_words(one, lang),
        "name": shown_name,
        "layer": lambda name: layer_in_words(name, lang),
        "gap": lambda name: gap_in_words(name, lang),
        "drawn": lambda arrays: Markup(as_html(arrays, lang)),
    }
    return environment
