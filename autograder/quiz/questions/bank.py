"""All questions by name: what `quiz` in a manifest may hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from autograder.quiz.question import Question
from autograder.quiz.questions import computing, counting, judging

Template = Callable[[np.random.Generator], Question]
"""Draws the numbers of one student: the same steps for everybody, so that no sheet is harder than another."""

TEMPLATES: Mapping[str, Template] = {
    "output_size": counting.output_size,
    "dense_parameters": counting.dense_parameters,
    "conv_parameters": counting.conv_parameters,
    "receptive_field": counting.receptive_field,
    "conv1d": computing.conv1d,
    "conv2d": computing.conv2d,
    "max_pooling": computing.max_pooling,
    "top_k_error": judging.top_k_error,
    "moved_answer": judging.moved_answer,
}
