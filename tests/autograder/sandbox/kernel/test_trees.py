"""Trees are removed whole, however hostile, and links in them are not followed."""

from __future__ import annotations

import os
from pathlib import Path

from autograder.sandbox.kernel.trees import remove_tree

pytest_plugins = ["tests.autograder.sandbox_support"]


def test_a_hostile_tree_is_removed_and_links_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("")
    root = tmp_path / "root"
    root.mkdir()
    (root / "link").symlink_to(outside)
    (root / "dangling").symlink_to("nowhere")
    os.mkfifo(root / "fifo")
    folder = os.open(root, os.O_RDONLY)
    for _ in range(600):  # 600 * 11 characters: a path of that length cannot be opened
        os.mkdir("nested_999", dir_fd=folder)
        below = os.open("nested_999", os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = below
    os.close(folder)
    (root / "closed").mkdir(mode=0o000)
    remove_tree(root)
    assert not root.exists()
    assert (outside / "kept").exists()
