"""The page's texts in the reader's language."""

from __future__ import annotations

from typing import Any

from hw_cnn.explain import sections, texts_en, texts_ru

# Where a method comes from, by section; the same in both languages.
SOURCES = {
    "filters": "A. Krizhevsky, I. Sutskever, G. Hinton, 2012, fig. 3",
    "outputs": "M. Zeiler, R. Fergus, 2014",
    "fields": "V. Dumoulin, F. Visin, 2016, arXiv:1603.07285",
    "patches": "R. Girshick et al., 2014, arXiv:1311.2524; M. Zeiler, R. Fergus, 2014, arXiv:1311.2901",
    "maximisation": "D. Erhan et al., 2009; K. Simonyan et al., 2013, arXiv:1312.6034",
    "occlusion": "M. Zeiler, R. Fergus, 2014, arXiv:1311.2901",
    "gradients": "K. Simonyan et al., 2013, arXiv:1312.6034; D. Smilkov et al., 2017, arXiv:1706.03825; "
    "M. Sundararajan et al., 2017, arXiv:1703.01365",
    "grad_cam": "R. Selvaraju et al., 2017, arXiv:1610.02391",
    "embedding": "A. Sharif Razavian et al., 2014, arXiv:1403.6382",
}

_TEXTS: dict[str, dict[str, Any]] = {"ru": texts_ru.TEXTS, "en": texts_en.TEXTS}


def of(lang: str) -> dict[str, Any]:
    """Give all texts of a language: "page", "reasons", one entry per section, and words for some pictures."""
    return _TEXTS[lang]


def picture_names() -> list[str]:
    """Give the names of all files of pictures, without their suffix."""
    return [name for section in sections.NAMES for name in of("en")[section]["alts"]]
