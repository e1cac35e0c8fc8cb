"""The reader's language, for what speaks two."""

from __future__ import annotations

import os
import sys

LANGS = ("ru", "en")
_LOADING = {"ru": "загружаю сеть...", "en": "loading the network..."}


def of_environment() -> str:
    """Give "ru" where the environment's LANG says so, else "en"."""
    return "ru" if os.environ.get("LANG", "").startswith("ru") else "en"


def check(lang: str) -> None:
    """Raises: ValueError for a language without words."""
    if lang not in LANGS:
        raise ValueError(f"lang (={lang!r}) must be one of {', '.join(map(repr, LANGS))}")


def announce_loading(lang: str) -> None:
    """Say on stderr that the next seconds go into imports."""
    print(_LOADING[lang], file=sys.stderr, flush=True)
