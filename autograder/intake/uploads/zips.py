"""Read the wanted members of a .zip in memory: every name is checked before a byte is unpacked."""

from __future__ import annotations

import calendar
import stat
import struct
import zipfile
import zlib
from io import BytesIO

from autograder.intake.uploads.collecting import Collector, Files, Wanted
from autograder.intake.uploads.names import Name, check_collisions, decode_name, ignored, printable, safe_name
from autograder.intake.uploads.refusals import (
    MAX_ENTRIES,
    READ_BYTES,
    check_count,
    check_ratio,
    damaged,
    link,
    special,
    unpacked_too_big,
)
from autograder.intake.uploads.rejection import refuse

ENCRYPTED_BIT, UTF8_BIT = 0x1, 0x800
UNIX_SYSTEMS = (3, 19)  # 19: macOS
DOS_ENCODING = "cp437"
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
CENTRAL_SIGNATURE = b"PK\x01\x02"
# What zipfile lets through when an archive is damaged; it documents BadZipFile only.
ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    RuntimeError,
    ValueError,
    OverflowError,
    OSError,
    IndexError,
)


def read_zip(data: bytes, name: str, wanted: Wanted, upload_mb: int) -> Files:
    """The wanted members. Raises: Rejected."""
    # zipfile makes an object for each entry of the table before anybody can count them. A stored zip inside this one
    # has such a table too, hence the room.
    if data.count(CENTRAL_SIGNATURE) > 10 * MAX_ENTRIES:
        check_count(MAX_ENTRIES + 1)
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            return _read(archive, name, Collector(wanted, upload_mb, unpacked_too_big))
    except ERRORS as error:
        raise damaged(name) from error


def _read(archive: zipfile.ZipFile, archive_name: str, collector: Collector) -> Files:
    members = archive.infolist()
    check_count(len(members))
    check_ratio(
        sum(member.file_size for member in members),
        sum(member.compress_size for member in members),
        archive_name,
    )
    named = [(member, safe_name(member_name(member))) for member in members]
    kept = [(member, name) for member, name in named if name.path and not ignored(name.path)]
    for member, name in kept:
        check_kind(member, name.path)
    files = [(member, name) for member, name in kept if not _is_folder(name)]
    check_collisions([name for _, name in files], [name for _, name in kept if _is_folder(name)])
    # Data that lie near the work first: there is room for so many.
    for member, name in sorted(files, key=lambda file: file[1].path.count("/")):
        if collector.admits(name.path, member.file_size):
            check_readable(member, archive_name)
            collector.add(name.path, _inflate(archive, member), _time(member))
    return collector.files()


def member_name(member: zipfile.ZipInfo) -> str:
    """The name as its author saw it.

    Without the UTF-8 flag zip tools on Windows write cp866 on a Russian system, and zipfile decodes it as
    cp437. Some write UTF-8 without saying so, and some a backslash between folders, where the format has a slash.
    """
    name = member.orig_filename
    name = name if member.flag_bits & UTF8_BIT else decode_name(name.encode(DOS_ENCODING))
    return name.replace("\\", "/")


def _is_folder(name: Name) -> bool:
    return name.raw.endswith("/")


def check_kind(member: zipfile.ZipInfo, path: str) -> None:
    """Raises: Rejected for a link, a device or a pipe."""
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind == stat.S_IFLNK:
        raise link(path)
    if member.create_system in UNIX_SYSTEMS and kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise special(path)


def check_readable(member: zipfile.ZipInfo, archive_name: str) -> None:
    """Raises: Rejected for a member that is encrypted or compressed in a way that no ordinary zip is."""
    shown = printable(archive_name)
    if member.flag_bits & ENCRYPTED_BIT:
        raise refuse(
            f"архив «{shown}» защищён паролем; упакуйте его без пароля",
            f"the archive {shown!r} is encrypted; pack it without a password",
        )
    if member.compress_type not in METHODS:
        raise refuse(
            f"архив «{shown}» сжат необычным способом; выберите при упаковке обычный zip (Deflate)",
            f"the archive {shown!r} is compressed in an unusual way; choose an ordinary zip (Deflate)",
        )


def _inflate(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """Unpack one member block by block. zipfile stops at the size that the archive claims."""
    data = bytearray()
    with archive.open(member) as file:
        while block := file.read(READ_BYTES):
            data += block
    return bytes(data)


def _time(member: zipfile.ZipInfo) -> float:
    """Seconds by the clock of those who packed it: the format knows no time zone. 0 where no date stands there."""
    try:
        return float(calendar.timegm((*member.date_time, 0, 0, 0)))
    except ValueError:
        return 0.0
