"""Words and numbers of the pictures in both languages."""

from __future__ import annotations

import pytest

from hw_cnn import language
from hw_cnn.interpret.figures import words


@pytest.mark.parametrize(
    ("value", "digits", "en", "ru"),
    [
        (0.25, None, "0.25", "0,25"),
        (-4, None, "−4", "−4"),
        (1e-5, None, "1e−05", "1e−05"),
        (-0.0, None, "0", "0"),
        (12.345, 1, "12.3", "12,3"),
        (-0.001, 2, "0.00", "0,00"),
        (-1.5, 2, "−1.50", "−1,50"),
    ],
)
def test_numbers_are_written_as_the_language_does(value, digits, en, ru):
    assert words.number(value, "en", digits) == en
    assert words.number(value, "ru", digits) == ru


@pytest.mark.parametrize(
    ("value", "en", "ru"),
    [
        (0, "0", "0"),
        (999, "999", "999"),
        (1000, "1 thousand", "1 тыс."),
        (60_000, "60 thousand", "60 тыс."),
        (61_706, "61.7 thousand", "61,7 тыс."),
        (999_949, "999.9 thousand", "999,9 тыс."),
        (999_950, "1 million", "1 млн"),
        (138_357_544, "138.4 million", "138,4 млн"),
        (15_470_264_320, "15.5 billion", "15,5 млрд"),
        (2_000_000_000_000, "2000 billion", "2000 млрд"),
    ],
)
def test_large_numbers_are_rounded_as_people_read_them(value, en, ru):
    assert words.rounded(value, "en") == en
    assert words.rounded(value, "ru").replace("\N{NO-BREAK SPACE}", " ") == ru


@pytest.mark.parametrize(
    ("value", "en"),
    [(840, "840"), (281_640, "281.6 kMAC"), (724_406_816, "724.4 MMAC"), (15_470_264_320, "15.5 GMAC")],
)
def test_multiplications_have_their_unit(value, en):
    assert words.macs(value, "en") == en
    assert words.macs(value, "ru").replace("\N{NO-BREAK SPACE}", " ") == en.replace(".", ",")


def test_both_languages_have_all_words_with_the_same_places():
    for key, texts in words.WORDS.items():
        assert len(texts) == len(language.LANGS), key
        assert all(texts), key
        places = [sorted(part.partition("}")[0] for part in text.split("{")[1:]) for text in texts]
        assert places[0] == places[1], key
