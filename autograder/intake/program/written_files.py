"""Files that a notebook writes for itself: `json.dump(cfg, open("cfg.json", "w"))`, read again by a later cell.

A file is known by the texts and names that say where it is; a statement that has one of them may read it.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

MAX_CHARS = 200  # of a path
# Marks a file among the names of a program.
MARK = "file "
# By these methods the path that they belong to is written, or made; by these calls one of their arguments.
OF_OWNER = frozenset(["mkdir", "touch", "write_bytes", "write_text"])
OF_ARGUMENT = frozenset(
    ["copy2", "copyfile", "copytree", "makedirs", "mkdir", "move", "rename", "save", "savetxt"]
) | frozenset(["savez", "savez_compressed", "to_csv", "to_json", "to_pickle", "tofile"])
MODES = frozenset(
    f"{mode}{kind}" for mode in ("w", "a", "x", "w+", "a+", "r+") for kind in ("", "b", "t")
) | {"wb+"}
PATHS = frozenset(["Path", "PurePath", "abspath", "expanduser", "join", "str"])


def written(nodes: Iterable[ast.AST]) -> frozenset[str]:
    """Files that `nodes` themselves may write, each with `MARK`."""
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Call):
            for place in _places(node):
                found |= {f"{MARK}{word}" for word in _words(place)}
    return frozenset(found)


class Files:
    """Written files by all that may stand for them: their path, their name, a folder above them."""

    def __init__(self, files: Iterable[str]) -> None:
        self._by_path: dict[str, set[str]] = defaultdict(set)
        self._by_word: dict[str, set[str]] = defaultdict(set)
        for file in files:
            path, *folders = _paths(file.removeprefix(MARK))
            self._by_path[path].add(file)
            for word in (path, *folders, *_name(path)):
                self._by_word[word].add(file)

    def named(self, node: ast.AST) -> set[str]:
        """The files that a statement may mean by its texts and names."""
        found: set[str] = set()
        for word in _words(node) if self._by_path else ():
            path, *folders = _paths(word)
            for key in (path, *_name(path)):
                found |= self._by_word.get(key, set())
            for folder in folders:  # it was made for what is in it
                found |= self._by_path.get(folder, set())
        return found


def _paths(word: str) -> list[str]:
    """A path and the folders above it."""
    plain = PurePosixPath(word.replace("\\", "/"))
    return [str(plain), *(str(folder) for folder in plain.parents if folder.name)]


def _name(path: str) -> list[str]:
    name = path.rpartition("/")[2]
    return [name] if "." in name else []


def _places(node: ast.Call) -> list[ast.expr]:
    """The expressions that say where a call writes."""
    owner, name = (node.func.value, node.func.attr) if isinstance(node.func, ast.Attribute) else (None, "")
    if isinstance(node.func, ast.Name):
        name = node.func.id
    given = [*node.args, *(word.value for word in node.keywords)]
    if name == "open":
        places, modes = ([owner], given) if owner is not None else (given[:1], given[1:])
        return places if any(map(_is_mode, modes)) else []
    places = [item for item in given if _is_path(item)] if name in OF_ARGUMENT else []
    return [*places, owner] if owner is not None and name in OF_OWNER else places


def _is_mode(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value in MODES


def _is_path(node: ast.expr) -> bool:
    match node:
        case ast.Constant(value=str()) | ast.Name() | ast.JoinedStr() | ast.BinOp():
            return True
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name in PATHS
    return False


def _words(node: ast.AST) -> Iterator[str]:
    """Texts and names, but for what is called."""
    pending = [node]
    while pending:
        match item := pending.pop():
            case ast.Constant(value=str(text)):
                if len(text) <= MAX_CHARS:
                    yield text
            case ast.Name(id=name):
                yield name
            case ast.Call(func=ast.Name()):
                pending += [*item.args, *item.keywords]
            case _:
                pending += ast.iter_child_nodes(item)
