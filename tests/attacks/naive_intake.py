"""What a grader of the simplest kind does with uploads: unpack, copy, parse and load without a look. For controls."""

from __future__ import annotations

import ast
import json
import shutil
import stat
import zipfile
from pathlib import Path

FAIR_BYTES = 50_000_000


def _zip(path: str) -> zipfile.ZipFile:
    return zipfile.ZipFile(Path(path).with_suffix(".zip"))


def unpack_by_name(path: str) -> None:
    """Every entry where its name says."""
    with _zip(path) as archive:
        for entry in archive.infolist():
            target = Path("unpacked") / entry.orig_filename
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(archive.read(entry))


def unpack_with_links(path: str) -> None:
    """As unzip does: an entry may be a link. Then the first file is shown."""
    Path("unpacked").mkdir()
    with _zip(path) as archive:
        for entry in archive.infolist():
            target = Path("unpacked", entry.filename)
            if stat.S_ISLNK(entry.external_attr >> 16):
                target.symlink_to(archive.read(entry).decode())
            else:
                target.write_bytes(archive.read(entry))
    print(Path("unpacked/solution.py").read_text()[:300])


def unpack_in_memory(path: str) -> None:
    """All of it, archives in archives too."""
    import io

    with _zip(path) as archive:
        for entry in archive.infolist():
            data = archive.read(entry)
            if entry.filename.endswith(".zip"):
                with zipfile.ZipFile(io.BytesIO(data)) as inner:
                    data = b"".join(map(inner.read, inner.namelist()))
            if len(data) > FAIR_BYTES:
                raise SystemExit(f"{len(data)} bytes from {Path(path).name}")


def list_names(path: str) -> None:
    """On the terminal."""
    with _zip(path) as archive:
        for entry in archive.infolist():
            print(entry.orig_filename)


def copy_and_show(path: str) -> None:
    """Follow whatever the folder holds."""
    shutil.copytree(path, "copied")
    for file in sorted(Path("copied").iterdir()):
        print(file.name, file.read_text(errors="replace")[:300])


def parse(path: str) -> None:
    """With the parser of Python, in this process."""
    source = Path(path, "solution.py").read_text()
    try:
        compile(ast.parse(source), "solution.py", "exec")
    except SyntaxError as error:
        print(f"a syntax error: {error.msg}")


def parse_notebook(path: str) -> None:
    """Join the sources of its cells."""
    notebook = json.loads(Path(path, "seminar_cnn.ipynb").read_text())
    print("\n".join("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"))


def transform_cells(path: str) -> None:
    """With IPython, in this process."""
    from IPython.core.inputtransformer2 import TransformerManager

    for cell in json.loads(Path(path, "seminar_cnn.ipynb").read_text())["cells"]:
        try:
            print(len(TransformerManager().transform_cell(cell["source"])))
        except (RuntimeError, SyntaxError) as error:
            print(f"a syntax error: {error}")


def load_checkpoint(path: str) -> None:
    """With pickle, here."""
    import torch

    try:
        torch.load(Path(path, "model.ckpt"), weights_only=False)
    except Exception:
        import pickle

        with Path(path, "model.ckpt").open("rb") as stream:
            pickle.load(stream)


def load_and_copy(path: str) -> None:
    """The safe way to load, here, and then a copy of each tensor."""
    import torch

    for tensor in torch.load(Path(path, "model.ckpt"), weights_only=True).values():
        tensor.clone(memory_format=torch.contiguous_format)


STYLES = {
    function.__name__.replace("_", " "): function
    for function in (
        unpack_by_name, unpack_with_links, unpack_in_memory, list_names, copy_and_show, parse, parse_notebook,
        transform_cells, load_checkpoint, load_and_copy,
    )
}  # fmt: skip
