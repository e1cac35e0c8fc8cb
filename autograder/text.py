"""Sentences in the two languages of the course: values that hold both, numbers, and nouns that follow them."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Lang = Literal["ru", "en"]
LANGS: tuple[Lang, ...] = ("ru", "en")
POINT_FORMS = ("балл", "балла", "баллов")
PAIR = " / "
"""Between the Russian and the English of one string."""
RUSSIAN = re.compile("[а-яёА-ЯЁ]")
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
MINUTE_FORMS = ("минута", "минуты", "минут")
BEFORE_UNIT = re.compile(r"(?<=\d) (?=(?:балл|минут|ч\b|(?:point|minute)s?\b|h\b))")
NO_BREAK = "\N{NO-BREAK SPACE}"


class Value(BaseModel):
    """An immutable value that refuses unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(Value):
    """One sentence in the two languages of the course."""

    ru: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def get(self, lang: Lang) -> str:
        return self.ru if lang == "ru" else self.en


def has_russian(text: str) -> bool:
    """Whether a text holds a Russian letter."""
    return RUSSIAN.search(text) is not None


def in_one(text: str, lang: Lang) -> str:
    """One half of "по-русски / in English"; a text that is no such pair stays as it is."""
    russian, pair, english = text.partition(PAIR)
    if not pair or PAIR in english or not has_russian(russian) or has_russian(english):
        return text
    return russian if lang == "ru" else english


def number(value: float, lang: Lang) -> str:
    """`1.5`, in Russian `1,5`; of the very small and the very large the power of ten: `10⁻⁷`, `2.5·10⁻⁷`."""
    text = f"{value:g}"
    if "e" in text:
        factor, power = text.split("e")
        ten = power_of_ten(int(power))
        text = {"1": ten, "-1": f"-{ten}"}.get(factor, f"{factor}·{ten}")
    return text.replace(".", ",") if lang == "ru" else text


def power_of_ten(exponent: int) -> str:
    """`10⁻⁷`."""
    return f"10{str(exponent).translate(RAISED)}"


def counted(value: float, lang: Lang, forms: tuple[str, str, str], word: str) -> str:
    """A number with its noun: 1 балл, 2 балла, 5 баллов, 1,5 балла; 1 point, 2 points."""
    if lang == "en":
        return f"{number(value, lang)} {word}{'' if value == 1 else 's'}"
    whole = int(value)
    if whole != value:
        form = forms[1]
    elif whole % 10 == 1 and whole % 100 != 11:
        form = forms[0]
    elif whole % 10 in (2, 3, 4) and whole % 100 not in (12, 13, 14):
        form = forms[1]
    else:
        form = forms[2]
    return f"{number(value, lang)} {form}"


def counted_english(value: float, word: str) -> str:
    """1 point, 2 points: for what is said in English only."""
    return counted(value, "en", ("", "", ""), word)


def points(value: float, lang: Lang) -> str:
    """`20 баллов` or `20 points`."""
    return counted(value, lang, POINT_FORMS, "point")


def minutes(value: float, lang: Lang) -> str:
    """`45 минут` or `45 minutes`."""
    return counted(value, lang, MINUTE_FORMS, "minute")


def unbroken(text: str) -> str:
    """Keep a number and its unit (points, minutes, hours) on one line of a page: a no-break space between them."""
    return BEFORE_UNIT.sub(NO_BREAK, text)
