"""Read the wanted members of a .tar or .tar.gz in memory, in one pass.

The headers are parsed by `tarfile.TarInfo.frombuf`, the loop over them is ours: `TarFile` keeps extended headers of any
length in memory, and some of its versions loop or backtrack for ever on hostile ones (CVE-2024-6232, CVE-2025-8194).
Format: POSIX pax (https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html) and GNU's long names.
"""

from __future__ import annotations

import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from autograder.intake.uploads.collecting import Collector, Files, Wanted
from autograder.intake.uploads.names import Name, check_collisions, decode_name, ignored, printable, safe_name
from autograder.intake.uploads.refusals import (
    BYTES_PER_MB,
    READ_BYTES,
    check_count,
    check_ratio,
    damaged,
    hard_link,
    link,
    special,
    unpacked_too_big,
)
from autograder.intake.uploads.rejection import Rejected, refuse

GZIP_MAGIC, GZIP_WINDOW = b"\x1f\x8b", 31  # 31: a gzip header and the largest window (zlib.h, inflateInit2)
# What does not count must be unpacked to get past it, so it may be so many times the limit.
SKIPPED_FACTOR = 10
MAX_EXTENSION_BYTES = 1 << 20
MAX_EXTENSIONS = 8
MAX_DIGITS = 15
FILES = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE)
EXTENSIONS = (tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME,
              tarfile.GNUTYPE_LONGLINK)  # fmt: skip
SPARSE_KEY = b"GNU.sparse."


class DamagedError(Exception):
    """The bytes are no tar, or stop too early."""


@dataclass(frozen=True)
class Member:
    """One header, its extensions applied."""

    name: str
    kind: bytes
    size: int
    sparse: bool
    modified: float


def read_tar(data: bytes, name: str, wanted: Wanted, upload_mb: int) -> Files:
    """The wanted members. Raises: Rejected."""
    try:
        return _read(Stream(data, name, upload_mb), Collector(wanted, upload_mb, unpacked_too_big))
    except (DamagedError, tarfile.HeaderError, zlib.error) as error:
        raise damaged(name) from error


def _read(stream: Stream, collector: Collector) -> Files:
    files: list[Name] = []
    folders: list[Name] = []
    for number, member in enumerate(_members(stream), start=1):
        check_count(number)
        name = safe_name(member.name)
        if not name.path or ignored(name.path):
            stream.skip(_padded(member))
        elif member.kind == tarfile.DIRTYPE:
            folders.append(name)
        else:
            _check_kind(member, name.path)
            files.append(name)
            if collector.admits(name.path, member.size):
                collector.add(name.path, stream.read(member.size), member.modified)
                stream.skip(_padded(member) - member.size)
            else:
                stream.skip(_padded(member))
    stream.finish()
    check_collisions(files, folders)
    return collector.files()


def _check_kind(member: Member, path: str) -> None:
    if member.kind == tarfile.SYMTYPE:
        raise link(path)
    if member.kind == tarfile.LNKTYPE:
        raise hard_link(path)
    if member.sparse or member.kind == tarfile.GNUTYPE_SPARSE:
        raise _sparse(path)
    if member.kind not in FILES:
        raise special(path)


def _sparse(path: str) -> Rejected:
    return refuse(
        f"«{printable(path)}» упакован как разреженный файл; упакуйте архив без ключа --sparse",
        f"{printable(path)!r} is packed as a sparse file; pack the archive without --sparse",
    )


def _padded(member: Member) -> int:
    """Bytes of data after a header; only files have any (tarfile.TarInfo._proc_builtin counts in the same way)."""
    if member.kind in FILES or member.kind not in tarfile.SUPPORTED_TYPES:
        return -(-member.size // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE
    return 0


def _members(stream: Stream) -> Iterator[Member]:
    """The headers in order; the reader must take or skip a member's data before it asks for the next.

    Raises: DamagedError, tarfile.HeaderError, Rejected.
    """
    records: dict[bytes, bytes] = {}
    waiting = 0
    while (header := _header(stream)) is not None:
        if not 0 <= header.size < 10**MAX_DIGITS:
            raise DamagedError
        if header.type in EXTENSIONS:
            waiting += 1
            if waiting > MAX_EXTENSIONS or header.size > MAX_EXTENSION_BYTES:
                raise DamagedError
            records |= _extension(stream, header)
            continue
        name = records.get(b"path", header.name.encode("utf-8", "surrogateescape"))
        size = _number(records[b"size"]) if b"size" in records else header.size
        sparse = any(key.startswith(SPARSE_KEY) for key in records)
        yield Member(decode_name(name), header.type, size, sparse, float(header.mtime))
        records, waiting = {}, 0
    if waiting:
        raise DamagedError


def _header(stream: Stream) -> tarfile.TarInfo | None:
    """The next header; None at the end of the archive. Raises: DamagedError, tarfile.HeaderError."""
    block = stream.read_some(tarfile.BLOCKSIZE)
    if not stream.started and not block:
        raise DamagedError
    stream.started = True
    # Two blocks of zeros end an archive; some writers leave one or both of them out.
    if not block or block.count(0) == tarfile.BLOCKSIZE:
        return None
    return tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")


def _extension(stream: Stream, header: tarfile.TarInfo) -> dict[bytes, bytes]:
    """What an extended header says about the next member. Raises: DamagedError."""
    data = stream.read(header.size)
    stream.skip(-header.size % tarfile.BLOCKSIZE)
    if header.type == tarfile.GNUTYPE_LONGNAME:
        return {b"path": data.partition(b"\0")[0]}
    if header.type in (tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE):
        return _pax_records(data)
    return {}  # a global header (git writes a comment there), or a link's long target: both without effect


def _pax_records(data: bytes) -> dict[bytes, bytes]:
    """Records "LENGTH KEY=VALUE\\n". Raises: DamagedError."""
    records: dict[bytes, bytes] = {}
    position = 0
    while position < len(data):
        space = data.find(b" ", position, position + MAX_DIGITS)
        length = _number(data[position:space]) if space > position else 0
        record = data[space + 1 : position + length]
        key, equals, value = record[:-1].partition(b"=")
        if not equals or not record.endswith(b"\n") or position + length > len(data):
            raise DamagedError
        records[key] = value
        position += length
    return records


def _number(text: bytes) -> int:
    if not text.isdigit() or len(text) > MAX_DIGITS:
        raise DamagedError
    return int(text)


class Stream:
    """The bytes of a tar, unpacked only as they are asked for and never more than the limit.

    Raises (all methods): DamagedError at an early end, zlib.error, Rejected over the limit.
    """

    def __init__(self, data: bytes, name: str, upload_mb: int) -> None:
        self.started = False
        self._data, self._name, self._limit_mb = data, name, SKIPPED_FACTOR * upload_mb
        self._unpacker = zlib.decompressobj(GZIP_WINDOW) if data.startswith(GZIP_MAGIC) else None
        self._position = 0  # in `data`
        self._total = 0  # unpacked so far
        self._ready = b""

    def read(self, size: int) -> bytes:
        """Exactly `size` bytes."""
        data = self.read_some(size)
        if len(data) < size:
            raise DamagedError
        return data

    def read_some(self, size: int) -> bytes:
        """`size` bytes, or fewer at the end."""
        parts: list[bytes] = []
        while size and (part := self._take(size)):
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def skip(self, size: int) -> None:
        """Go past `size` bytes."""
        while size:
            part = self._take(size)
            if not part:
                raise DamagedError
            size -= len(part)

    def finish(self) -> None:
        """Go to the end: only there a gzip file has the checksum of what was read before."""
        while self._take(READ_BYTES):
            pass

    def _take(self, size: int) -> bytes:
        if not self._ready:
            self._ready = self._next()
            self._total += len(self._ready)
            if self._total > self._limit_mb * BYTES_PER_MB:
                raise unpacked_too_big(self._limit_mb)
            if self._unpacker is not None:
                check_ratio(self._total, len(self._data), self._name)
        part, self._ready = self._ready[:size], self._ready[size:]
        return part

    def _next(self) -> bytes:
        """The next block, at most `READ_BYTES`; empty at the end."""
        if self._unpacker is None:
            return self._raw()
        while not self._unpacker.eof:
            packed = self._unpacker.unconsumed_tail or self._raw()
            block = self._unpacker.decompress(packed, READ_BYTES)
            if block:
                return block
            if not packed:
                raise DamagedError
        return b""

    def _raw(self) -> bytes:
        block = self._data[self._position : self._position + READ_BYTES]
        self._position += len(block)
        return block
