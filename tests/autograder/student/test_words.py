"""Sentences for students: the same in both languages."""

from __future__ import annotations

from autograder.student import words
from autograder.student.kernel import words as kernel_words
from autograder.student.packing import words as packing_words
from autograder.testing import SENTENCES


def test_every_sentence_has_the_same_blanks_in_both_languages() -> None:
    modules = (words, kernel_words, packing_words)
    texts = [value for module in modules for value in vars(module).values() if isinstance(value, words.Text)]
    assert len(texts) > 60
    for text in [*texts, *SENTENCES.values()]:
        blanks = [{part.split("}")[0] for part in side.split("{")[1:]} for side in (text.ru, text.en)]
        assert blanks[0] == blanks[1]
