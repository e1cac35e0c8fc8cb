"""What the pages point to exists: files, folders, targets of make, commands and their options."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, PAGES, ROOT, blocks, code, name, prose

LINK = re.compile(r"\]\(([^)\s]+)\)|<img src=\"([^\"]+)\"")
PATH = re.compile(r"(autograder|hw_cnn|assignments|tests|docs|scripts|benchmarks|examples)/[\w./-]+")
# In small letters, as ours are: systemd, whose pages are cited, keeps them in a folder of this name, too.
CITED = re.compile(r"(?<![\w/.-])docs/[a-z-]+\.md")
OUTSIDE = ("http://", "https://", "mailto:", "#")
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
OPTION = re.compile(r"(?<![\w-])--[a-z][\w-]*")


def links(page: Path) -> list[str]:
    found = [link or picture for link, picture in LINK.findall(prose(page))]
    return [link for link in found if not link.startswith(OUTSIDE)]


def commands(page: Path) -> list[str]:
    """Every line or piece of code that calls one of our programs, without the comment behind it."""
    lines = [line for block in blocks(page) for line in block.replace("\\\n", " ").splitlines()]
    found = [line.partition("  #")[0].strip() for line in [*lines, *code(page)]]
    return [re.sub(r"^(\$ |\.venv/bin/)", "", line) for line in found]


def called(program: str) -> list[str]:
    """`program COMMAND ...` in any page, each once."""
    found = {line for page in PAGES for line in commands(page) if line.startswith(f"{program} ")}
    return sorted(found)


@cache
def help_of(program: str, *command: str) -> str:
    """What the program says about itself."""
    path = Path(sys.executable).parent / program
    # Wide, so that no name is broken.
    environment = {**os.environ, "COLUMNS": "200"}
    found = subprocess.run(
        [path, *command, "--help"], capture_output=True, text=True, check=False, env=environment
    )
    assert found.returncode == 0, found.stderr
    return found.stdout


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_to_files(page: Path):
    missing = [link for link in links(page) if not (page.parent / link.partition("#")[0]).exists()]
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_paths_in_the_text_exist(page: Path):
    named = [text for text in code(page) if PATH.fullmatch(text)]
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_pages_that_sources_cite_exist():
    folders = ("autograder", "hw_cnn", "assignments", "benchmarks", "scripts")
    sources = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    cited = {found for path in sources for found in CITED.findall(path.read_text(encoding="utf-8"))}
    assert cited
    assert sorted(page for page in cited if not (ROOT / page).is_file()) == []


def test_a_page_with_links_was_found():
    assert links(ROOT / "README.md")
    assert called("autograder")
    assert called("hw-cnn")


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_targets_of_make_exist(page: Path):
    asked = [line.split()[1:] for line in commands(page) if line.split()[:1] == ["make"]]
    assert {word for words in asked for word in words if not word.startswith("#")} <= TARGETS


@pytest.mark.parametrize("line", called("autograder"))
def test_commands_of_autograder_exist(line: str):
    words = re.split(r"[\s|]+", line)
    if words[1].startswith(("--", "...")):
        return
    page = help_of("autograder", words[1])
    assert all(option in page for option in OPTION.findall(line))


@pytest.mark.parametrize("line", called("hw-cnn"))
def test_commands_of_hw_cnn_exist(line: str):
    known = set(re.findall(r"^│ ([a-z]+) ", help_of("hw-cnn"), re.MULTILINE))
    assert set(line.split()[1].split("|")) <= known


def test_every_page_is_in_the_index():
    listed = set((DOCS / "index.md").read_text(encoding="utf-8").split())
    assert {page.stem for page in DOCS.glob("*.md")} - {"index"} <= listed
