"""What can go wrong between the two sides of the trust boundary."""

from __future__ import annotations

from autograder.wire.reasons import Reason


class ProtocolError(Exception):
    """The other side sent bytes that are no valid frame, or bytes where none belong."""


class WorkerTimeout(Exception):  # noqa: N818 -- says what happened, no mistake of ours
    """The worker did not answer in time, or used up its processor time. `reason` names the limit."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.said("en"))
        self.reason = reason


class WorkerCrashed(Exception):  # noqa: N818 -- says what happened, no mistake of ours
    """The worker's process ended or was killed. `reason` says how."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.said("en"))
        self.reason = reason


class Closed(Exception):  # noqa: N818 -- says what happened, no mistake of ours
    """The other side has closed its end."""


class NoAnswer(Exception):  # noqa: N818 - says what the device did
    """The device of a worker does not compute. The text is the first sentence of what its library said."""
