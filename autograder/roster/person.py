"""One student of the course, as a roster names them."""

from __future__ import annotations

from pydantic import Field

from autograder.text import Value


class Person(Value):
    """What a roster says of a student.

    Args:
        student: the name under which results are kept, as `intake.students.safe_student` gives it.
        id, email, name, group: "" where the roster does not say.
        participant: the number that Moodle's assignment gives to the student; "" where no worksheet says it.
        extension_hours: added to the due date and to the hard limit, for this student alone.
        late_days: how many late days the student still has; None leaves it to the assignment's dates.
    """

    student: str = Field(min_length=1)
    id: str = ""
    email: str = ""
    name: str = ""
    group: str = ""
    participant: str = ""
    extension_hours: float = Field(default=0.0, ge=0)
    late_days: int | None = Field(default=None, ge=0)
