"""What staff should know of how long trainings took: a training that costs next to nothing may be none."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.grading.glyphs.exam import Bars, Examination
from autograder.text import Text

# Of the reference's own training.
LEAST_SHARE = 0.1


def about_time(trainings: Sequence[float], exam: Examination | None) -> tuple[Text, ...]:
    """A note where the shortest of the `trainings` (processor seconds) took less than a tenth of the reference's."""
    if exam is None or not isinstance(exam.bars, Bars) or not trainings:
        return ()
    shortest, whole = min(trainings), exam.bars.reference_cpu_s
    if shortest >= LEAST_SHARE * whole:
        return ()
    return (
        Text(
            ru=f"обучение: {shortest:.2f} с процессора, у эталона {whole:.1f} с; возможно, веса сделаны не здесь",
            en=f"training took {shortest:.2f} s of a processor, the reference's {whole:.1f} s; "
            "the weights may have been made elsewhere",
        ),
    )
