"""A submission that cannot be taken: the one exception of reading, with its sentence for the student."""

from __future__ import annotations

from autograder.text import Text


class Rejected(Exception):  # noqa: N818 - a verdict, not an error
    """The submission cannot be taken: `text` says in one sentence what is wrong and how to mend it."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


def refuse(ru: str, en: str) -> Rejected:
    """The exception for one bilingual sentence."""
    return Rejected(Text(ru=ru, en=en))
