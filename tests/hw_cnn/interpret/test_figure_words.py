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


def test_both_languages_have_all_words_with_the_same_places():
    for key, texts in words.WORDS.items():
        assert len(texts) == len(language.LANGS), key
        assert all(texts), key
        places = [sorted(part.partition("}")[0] for part in text.split("{")[1:]) for text in texts]
        assert places[0] == places[1], key
