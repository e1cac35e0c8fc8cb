"""How alike digits are, wherever they stand in the image: which class one is nearest to, and whether one is a copy.

Digits are first centred as those of MNIST were (Y. LeCun, C. Cortes, "The MNIST database", 1998). Two are as alike as
the cosine of the angle between their slightly blurred pixels says.
"""

from __future__ import annotations

import functools

import torch
import torch.nn.functional as F
from torch import Tensor

from hw_cnn import language

WORDS = {
    "ru": {
        "fine": "годится",
        "empty": "пусто",
        "repeated": "повтор",
        "copy": "копия",
        "unlike": "не цифра",
        "other": "другая цифра",
    }
}
"""What an image is, in other languages than English."""
SIDE_PX, BOX_PX = 28, 20
INK = 0.2
"""Below this share of the strongest ink a pixel is paper."""
READ, BEST = 1.0, 3
"""Blur in pixels with which a digit is read, and how many classes it may be read as."""
FINE, NUM_CANDIDATES = 0.8, 30
"""The same to find a copy, and with how many of the digits that are most alike an image is compared then."""
UNLIKE, COPY = 0.8, 0.985
"""An image less like the nearest digit is none; one more like it is a copy."""
ZOOMS, SHIFTS_PX = (0.94, 0.97, 1.0, 1.03, 1.06), (-1.0, -0.5, 0.0, 0.5, 1.0)
NUM_AT_ONCE = 2000
ONE = 1
"""Ones are all alike: they are not compared with the digits of others."""


def examine_digits(images: Tensor, lang: str = "en") -> tuple[str, ...]:
    """Say of each image what it is as somebody's own drawing of the digit that is its number.

    "fine"; "empty": no ink; "repeated": an image before it is the same; "copy": one of the digits that come with the
    library, maybe moved, zoomed, inverted or in other greys; "unlike": not like any digit; "other": the digit is not
    among the three classes that are nearest to it. With lang="ru" the words are those of `WORDS`.

    Shape: images (10, 28, 28), uint8 or floating, white on black or black on white.

    Raises: ValueError for another shape, for numbers that are not finite, and for a language without words.
    """
    language.check(lang)
    if tuple(images.shape) != (10, SIDE_PX, SIDE_PX):
        raise ValueError(f"images have shape {tuple(images.shape)}; expected (10, {SIDE_PX}, {SIDE_PX})")
    if not bool(torch.isfinite(images).all()):
        raise ValueError("images hold NaN or infinity; expected grey values")
    drawn = centred(images)
    fine, (shipped, _, labels) = _features(drawn, FINE), _shipped()
    same = fine @ fine.T > COPY
    likeness = _features(drawn, READ) @ shipped.T
    scores = torch.stack([likeness[:, labels == digit].amax(1) for digit in range(10)], dim=1)
    found = []
    for digit, image in enumerate(drawn):
        if not bool(image.any()):
            found.append("empty")
        elif bool(same[digit, :digit].any()):
            found.append("repeated")
        elif float(scores[digit].max()) < UNLIKE:
            found.append("unlike")
        elif digit not in scores[digit].topk(BEST).indices.tolist():
            found.append("other")
        elif digit != ONE and _is_copy(image, likeness[digit]):
            found.append("copy")
        else:
            found.append("fine")
    return tuple(WORDS[lang][word] for word in found) if lang in WORDS else tuple(found)


def centred(images: Tensor) -> Tensor:
    """Make ink 1 and paper 0, the digit 20 pixels high or wide, its centre of mass in the middle.

    Shape: (N, 28, 28), uint8 or floating, of any scale -> (N, 28, 28), float32. Images without ink become zeros.
    """
    pixels = images.double()
    frame = torch.cat([pixels[:, 0], pixels[:, -1], pixels[:, :, 0], pixels[:, :, -1]], dim=1)
    ink = (pixels - frame.median(1).values[:, None, None]).abs()
    strongest = ink.amax((1, 2), keepdim=True)
    ink = torch.where(strongest > 0, ink / strongest.clamp_min(torch.finfo(torch.float64).tiny), 0.0).float()
    ink = ((ink - INK) / (1 - INK)).clamp_min(0)
    top, bottom = _ends((ink > INK).any(2))
    left, right = _ends((ink > INK).any(1))
    zoom = (torch.maximum(bottom - top, right - left) + 1) / BOX_PX
    middle = torch.stack([(top + bottom) / 2, (left + right) / 2], dim=1)
    boxed = _cut(ink, middle, zoom)
    places = torch.arange(SIDE_PX) - (SIDE_PX - 1) / 2
    mass = boxed.sum((1, 2)).clamp_min(1e-9)
    centre = torch.stack([boxed.sum(2) @ places, boxed.sum(1) @ places], dim=1) / mass[:, None]
    return _cut(ink, middle + centre * zoom[:, None], zoom)


def _ends(is_inked: Tensor) -> tuple[Tensor, Tensor]:
    """The first and the last True of each row, (N, 28) -> (N), (N); both ends where there is none."""
    places = torch.arange(is_inked.shape[1])
    first = torch.where(is_inked, places, SIDE_PX).amin(1).clamp_max(SIDE_PX - 1)
    return first.float(), torch.where(is_inked, places, -1).amax(1).clamp_min(0).float()


def _cut(images: Tensor, middle: Tensor, zoom: Tensor) -> Tensor:
    """28x28 pixels around `middle` (N, 2), each `zoom` (N) pixels of the image wide."""
    places = torch.arange(SIDE_PX) - (SIDE_PX - 1) / 2
    lines = middle[:, :, None] + zoom[:, None, None] * places  # (N, 2, 28): rows, columns
    rows, columns = ((lines + 0.5) * 2 / SIDE_PX - 1).unbind(1)
    grid = torch.stack(
        [columns[:, None, :].expand(-1, SIDE_PX, -1), rows[:, :, None].expand(-1, -1, SIDE_PX)], dim=-1
    )
    return F.grid_sample(images[:, None], grid, align_corners=False)[:, 0]


def _features(images: Tensor, blur_px: float) -> Tensor:
    """Blurred images of length 1: (N, 28, 28) -> (N, 784)."""
    bell = torch.exp(-(torch.arange(-3.0, 4.0) ** 2) / (2 * blur_px**2))
    bell = bell / bell.sum()
    blurred = F.conv2d(images[:, None], bell.view(1, 1, 1, -1), padding=(0, 3))
    return F.normalize(F.conv2d(blurred, bell.view(1, 1, -1, 1), padding=(3, 0)).flatten(1), dim=1)


@functools.cache
def _shipped() -> tuple[Tensor, Tensor, Tensor]:
    """Features of all digits of the library, to read with and to find copies with; labels."""
    from hw_cnn.data.reading.embedded import load_digits

    parts = [load_digits(part) for part in ("train", "val", "test")]
    images = [centred(part) for images, _ in parts for part in images.split(NUM_AT_ONCE)]
    features = (torch.cat([_features(part, blur_px) for part in images]) for blur_px in (READ, FINE))
    return (*features, torch.cat([labels for _, labels in parts]).long())  # type: ignore[return-value]  # three


def _is_copy(image: Tensor, likeness: Tensor) -> bool:
    """Whether an image, moved and zoomed a little, is nearly one of the digits most like it."""
    candidates = _shipped()[1][likeness.topk(NUM_CANDIDATES).indices]
    moves = torch.tensor(
        [
            [[zoom, 0, right * 2 / SIDE_PX], [0, zoom, down * 2 / SIDE_PX]]
            for zoom in ZOOMS
            for down in SHIFTS_PX
            for right in SHIFTS_PX
        ]
    )
    grid = F.affine_grid(moves, [len(moves), 1, SIDE_PX, SIDE_PX], align_corners=False)
    moved = F.grid_sample(image.expand(len(moves), 1, -1, -1), grid, align_corners=False)[:, 0]
    return bool((_features(moved, FINE) @ candidates.T).max() > COPY)
