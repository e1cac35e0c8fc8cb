"""What is kept of an upload, and how much of it: files that matter must fit, the others are left aside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import IntEnum

from autograder.intake.uploads.refusals import BYTES_PER_MB, check_size
from autograder.intake.uploads.rejection import Rejected

MAX_DATA_FILES, MAX_DATA_FILE_BYTES, MAX_DATA_BYTES = 200, BYTES_PER_MB, 8 * BYTES_PER_MB


class Interest(IntEnum):
    """Why a file is read. Only one that is too large and is read `ALWAYS` is a reason to refuse an upload."""

    NONE = 0
    ALWAYS = 1
    DATA = 2  # small files, as many as there is room for
    ARCHIVE = 3  # whether it counts is known when everything else is


Wanted = Callable[[str], Interest]


class Files(dict[str, bytes]):
    """Path -> bytes of what was read of an upload.

    times: path -> when it was changed, in seconds, by the clock of those who packed it. left_aside: paths of data
    files and archives for which there was no room. archives: paths of those that lie beside the work.
    """

    def __init__(
        self,
        files: Mapping[str, bytes] = {},
        times: Mapping[str, float] = {},
        left_aside: tuple[str, ...] = (),
        archives: tuple[str, ...] = (),
    ) -> None:
        super().__init__(files)
        self.times, self.left_aside, self.archives = dict(times), left_aside, archives

    def renamed(self, rename: Callable[[str], str]) -> Files:
        """The same files under other paths."""
        return Files(
            {rename(path): data for path, data in self.items()},
            {rename(path): time for path, time in self.times.items()},
            tuple(map(rename, self.left_aside)),
        )

    def only(self, keep: Callable[[str], bool]) -> Files:
        """Those of the files whose path is to be kept."""
        kept = {path: data for path, data in self.items() if keep(path)}
        return Files(kept, {path: self.times[path] for path in kept}, tuple(filter(keep, self.left_aside)))

    def beside(self, others: Files) -> Files:
        """These and others; of two with the same path this one stays."""
        return Files({**others, **self}, {**others.times, **self.times}, self.left_aside + others.left_aside)


class Collector:
    """Takes in the files of one upload, one after the other.

    wanted: decides by the normalised path. too_big: what to say when the files that matter are too much together.
    """

    def __init__(self, wanted: Wanted, upload_mb: int, too_big: Callable[[int], Rejected]) -> None:
        self._files: dict[str, bytes] = {}
        self._times: dict[str, float] = {}
        self._left_aside: list[str] = []
        self._wanted, self._upload_mb, self._too_big = wanted, upload_mb, too_big
        self._left = {
            Interest.ALWAYS: upload_mb * BYTES_PER_MB,
            Interest.ARCHIVE: upload_mb * BYTES_PER_MB,
            Interest.DATA: MAX_DATA_BYTES,
        }
        self._num_data = 0

    def admits(self, path: str, size: int) -> bool:
        """Whether a file of this size is to be read. Raises: Rejected when it matters and is too much."""
        interest = self._wanted(path)
        if interest == Interest.NONE:
            return False
        if interest == Interest.ALWAYS:
            check_size(size, path, self._upload_mb)
            if size > self._left[Interest.ALWAYS]:
                raise self._too_big(self._upload_mb)
            return True
        is_data = interest == Interest.DATA
        fits = size <= self._left[interest] and not (
            is_data and (size > MAX_DATA_FILE_BYTES or self._num_data == MAX_DATA_FILES)
        )
        if fits:
            self._num_data += is_data
        else:
            self._left_aside.append(path)
        return fits

    def add(self, path: str, data: bytes, modified: float) -> None:
        """Keep the bytes of an admitted file. Raises: Rejected when they are more than it said."""
        interest = Interest(self._wanted(path))
        self._left[interest] -= len(data)
        if self._left[interest] < 0:
            raise self._too_big(self._upload_mb)
        self._files[path], self._times[path] = data, modified

    def files(self) -> Files:
        """What was taken in."""
        return Files(self._files, self._times, tuple(self._left_aside))
