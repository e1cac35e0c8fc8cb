"""Numbers and the nouns that follow them, in two languages."""

from __future__ import annotations

import pytest

from autograder.text import Text, minutes, number, points, unbroken


@pytest.mark.parametrize(
    ("value", "russian", "english"),
    [
        (1, "1 балл", "1 point"),
        (2, "2 балла", "2 points"),
        (5, "5 баллов", "5 points"),
        (11, "11 баллов", "11 points"),
        (12, "12 баллов", "12 points"),
        (21, "21 балл", "21 points"),
        (0.5, "0,5 балла", "0.5 points"),
        (1.5, "1,5 балла", "1.5 points"),
    ],
)
def test_plurals(value: float, russian: str, english: str) -> None:
    assert (points(value, "ru"), points(value, "en")) == (russian, english)
    assert minutes(45, "ru") == "45 минут"


def test_a_number_has_no_more_digits_than_it_needs() -> None:
    assert (number(2.0, "ru"), number(2.50, "ru"), number(0.125, "en")) == ("2", "2,5", "0.125")


@pytest.mark.parametrize(
    ("value", "russian", "english"),
    [
        (1e-7, "10⁻⁷", "10⁻⁷"),
        (-1e-7, "-10⁻⁷", "-10⁻⁷"),
        (2.5e-7, "2,5·10⁻⁷", "2.5·10⁻⁷"),
        (1e12, "10¹²", "10¹²"),
        (0.0001, "0,0001", "0.0001"),
    ],
)
def test_very_small_and_very_large_numbers_are_powers_of_ten(
    value: float, russian: str, english: str
) -> None:
    assert (number(value, "ru"), number(value, "en")) == (russian, english)


def test_a_text_is_read_in_the_language_asked() -> None:
    text = Text(ru="да", en="yes")
    assert (text.get("ru"), text.get("en")) == ("да", "yes")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("свёртка (20 баллов, около 40 минут)", "свёртка (20\xa0баллов, около 40\xa0минут)"),
        ("1,5 балла, около 2,5 ч", "1,5\xa0балла, около 2,5\xa0ч"),
        ("(1 point, about 10 minutes)", "(1\xa0point, about 10\xa0minutes)"),
        (
            "about 2.5 h; 3 pointwise layers, 2 hands, 5 чисел",
            "about 2.5\xa0h; 3 pointwise layers, 2 hands, 5 чисел",
        ),
    ],
)
def test_a_number_stays_with_its_unit(text: str, shown: str):
    assert unbroken(text) == shown
    assert unbroken(shown) == shown
