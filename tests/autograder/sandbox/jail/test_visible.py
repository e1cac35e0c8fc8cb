"""What workers may read outside of the stage never holds a secret, wherever the secret lies."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from autograder.sandbox.jail.visible import Visible, find_visible, project_folders
from tests.machines import ROOT


@pytest.fixture
def libraries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of shared libraries that this machine names, with files on two floors."""
    folder = tmp_path / "libraries"
    (folder / "deep" / "deeper").mkdir(parents=True)
    for name in ("libone.so", "deep/libtwo.so", "deep/deeper/libthree.so"):
        (folder / name).write_bytes(b"")
    monkeypatch.setenv("LD_LIBRARY_PATH", f":{folder}:")
    return folder


def sees(entries: Iterable[Path], path: Path) -> bool:
    """Whether a grant for one of the entries reaches the path."""
    return any(path.is_relative_to(entry) for entry in entries)


def test_a_folder_of_libraries_without_a_secret_is_granted_whole(libraries: Path) -> None:
    found = find_visible()
    assert libraries in found.roots
    assert libraries in found.entries()
    assert not sees(found.covers, libraries / "deep")


@pytest.mark.parametrize(
    ("secret", "seen"),
    [
        ("deep/deeper/libthree.so", ["libone.so", "deep/libtwo.so"]),
        ("deep/deeper", ["libone.so", "deep/libtwo.so"]),
        ("deep", ["libone.so"]),
        ("libone.so", ["deep/libtwo.so", "deep/deeper/libthree.so"]),
        (".", []),
    ],
)
def test_a_secret_below_it_is_covered_and_its_neighbours_are_seen(
    libraries: Path, secret: str, seen: list[str]
) -> None:
    found = find_visible([libraries / secret])
    entries = found.entries()
    for path in libraries.rglob("*"):
        if path.is_file():
            is_seen = path.relative_to(libraries).as_posix() in seen
            assert sees(entries, path) is is_seen, path
            assert (sees(found.roots, path) and not sees(found.covers, path)) is is_seen, path


def test_a_secret_named_by_a_link_is_covered_where_it_really_is(libraries: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(libraries / "deep")
    assert libraries / "deep" in find_visible([tmp_path / "link"]).covers


def test_several_secrets_are_all_covered(libraries: Path) -> None:
    secrets = [libraries / "libone.so", libraries / "deep" / "deeper"]
    found = find_visible(iter(secrets))
    assert set(secrets) <= set(found.covers)
    assert not any(sees(found.entries(), secret) for secret in secrets)


def test_the_project_and_the_packages_around_it_are_never_seen() -> None:
    hidden = project_folders()
    assert {ROOT, ROOT / "autograder"} <= hidden
    packages = {Path(entry).resolve() for entry in sys.path if Path(entry).name == "site-packages"}
    assert packages
    assert packages <= hidden
    entries = find_visible().entries()
    assert not any(sees(entries, folder) for folder in hidden)


def test_a_folder_that_holds_the_project_is_not_granted_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LD_LIBRARY_PATH", str(ROOT.parent))
    found = find_visible()
    assert ROOT in found.covers
    assert not sees(found.entries(), ROOT / "autograder")


def test_the_interpreter_and_its_library_are_seen() -> None:
    entries = find_visible().entries()
    assert sees(entries, Path(sys.executable).resolve())
    assert sees(entries, Path(os.__file__).resolve())


def test_links_are_not_followed_into_a_cover(tmp_path: Path) -> None:
    (tmp_path / "root" / "kept").mkdir(parents=True)
    (tmp_path / "root" / "secret").mkdir()
    (tmp_path / "root" / "link").symlink_to(tmp_path / "root" / "secret")
    visible = Visible((tmp_path / "root",), (tmp_path / "root" / "secret",))
    assert visible.entries() == [tmp_path / "root" / "kept"]
