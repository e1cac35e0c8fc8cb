"""How much may be handed in, and the sentences that all kinds of uploads share."""

from __future__ import annotations

from autograder.intake.uploads.names import printable
from autograder.intake.uploads.rejection import Rejected, refuse

MAX_ENTRIES = 2000
MAX_RATIO = 200
RATIO_FREE_BYTES = 10_000_000
READ_BYTES = 1 << 16
BYTES_PER_MB = 1_000_000


def check_count(number: int) -> None:
    """Raises: Rejected for more than `MAX_ENTRIES` files and folders."""
    if number > MAX_ENTRIES:
        raise refuse(
            f"в работе больше {MAX_ENTRIES} файлов и папок; сдавайте только то, что требует задание",
            f"there are more than {MAX_ENTRIES} files and folders; hand in only what the assignment asks for",
        )


def check_ratio(unpacked: int, packed: int, name: str) -> None:
    """Raises: Rejected when many unpacked bytes come from few packed ones (an archive bomb)."""
    if unpacked > RATIO_FREE_BYTES and unpacked > MAX_RATIO * max(packed, 1):
        raise refuse(
            f"архив «{printable(name)}» при распаковке вырастает более чем в {MAX_RATIO} раз; "
            "уберите из него данные и лишние файлы",
            f"the archive {printable(name)!r} grows more than {MAX_RATIO} times when it is unpacked; "
            "leave data and unneeded files out",
        )


def check_size(size: int, path: str, upload_mb: int) -> None:
    """Raises: Rejected when one file alone is over the limit."""
    if size > upload_mb * BYTES_PER_MB:
        raise refuse(
            f"файл «{printable(path)}» больше {upload_mb} МБ; сдайте файл поменьше или уберите его",
            f"the file {printable(path)!r} is larger than {upload_mb} MB; make it smaller or leave it out",
        )


def link(path: str) -> Rejected:
    """A symbolic link, in a folder or in an archive."""
    return refuse(
        f"«{printable(path)}» — ссылка, а не файл; сдайте сам файл",
        f"{printable(path)!r} is a link, not a file; hand in the file itself",
    )


def hard_link(path: str) -> Rejected:
    """A second name of a file: the file may be somebody else's."""
    return refuse(
        f"«{printable(path)}» — жёсткая ссылка на другой файл; сдайте обычную копию файла",
        f"{printable(path)!r} is a hard link to another file; hand in an ordinary copy",
    )


def special(path: str) -> Rejected:
    """A device, a pipe, a socket."""
    return refuse(
        f"«{printable(path)}» — не обычный файл (устройство, канал или сокет); уберите его",
        f"{printable(path)!r} is not an ordinary file (a device, pipe or socket); leave it out",
    )


def too_big(upload_mb: int) -> Rejected:
    """All files of a folder together, or an upload before it is unpacked."""
    return refuse(
        f"работа больше {upload_mb} МБ; уберите из неё данные и лишние файлы",
        f"the submission is larger than {upload_mb} MB; leave data and unneeded files out",
    )


def unpacked_too_big(mb: int) -> Rejected:
    """All files of an archive together."""
    return refuse(
        f"после распаковки архив больше {mb} МБ; уберите из него данные и лишние файлы",
        f"unpacked, the archive is larger than {mb} MB; leave data and unneeded files out",
    )


def damaged(name: str) -> Rejected:
    """An archive that cannot be read."""
    return refuse(
        f"архив «{printable(name)}» не открывается: он повреждён или загружен не полностью; упакуйте его заново",
        f"the archive {printable(name)!r} does not open: it is damaged or was not uploaded completely; "
        "pack it again",
    )
