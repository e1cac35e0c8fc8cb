"""What a number of a competition says, and what a network makes of a shift."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from autograder.quiz.question import Question, Table, numbers
from autograder.text import Text


def top_k_error(rng: np.random.Generator) -> Question:
    """Top-2 error over five images of five classes: error and accuracy differ, and neither is guessed."""
    wrong = int(rng.integers(1, 5))
    scores = np.array([rng.permutation(10)[:5] for _ in range(5)])
    order = np.argsort(-scores, axis=1)
    ranks = [
        int(rng.integers(2, 5)) if row < wrong else int(rng.integers(0, 2)) for row in rng.permutation(5)
    ]
    labels = [int(order[row, rank]) for row, rank in enumerate(ranks)]
    caption = Text(
        ru="логиты: строка — изображение, столбцы — классы от 0 до 4",
        en="logits: a row is an image, the columns are the classes 0 to 4",
    )
    shown = ", ".join(map(str, labels))
    return Question(
        Text(
            ru=f"Верные классы пяти изображений: {shown}. Какова ошибка top-2?",
            en=f"The right classes of the five images are {shown}. What is the top-2 error?",
        ),
        numbers(Fraction(wrong, 5)),
        near=(numbers(Fraction(5 - wrong, 5)), numbers(wrong)),
        tables=(Table(caption, tuple(tuple(map(int, row)) for row in scores)),),
    )


def moved_answer(rng: np.random.Generator) -> Question:
    """Equivariance: by how many cells the map moves."""
    stride, cells = int(rng.choice([2, 3, 4])), int(rng.integers(2, 6))
    return Question(
        Text(
            ru=f"Свёртка с шагом {stride}. Предмет на картинке сдвинули вниз на {stride * cells} пикселей, края не "
            "мешают. На сколько клеток сдвинулся отклик на карте признаков?",
            en=f"A convolution with stride {stride}. The thing in the image moved down by {stride * cells} pixels, far "
            "from the borders. By how many cells did the response in the feature map move?",
        ),
        numbers(cells),
        near=(numbers(stride * cells),),
    )
