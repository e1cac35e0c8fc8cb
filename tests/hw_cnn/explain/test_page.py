"""`hw-cnn explain` on a trained network: the page in both languages, and what becomes of it when a run breaks."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from hw_cnn import cli, models
from hw_cnn.data.reading import embedded
from hw_cnn.explain import folder, sections, texts

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]
COMMAND = [sys.executable, "-c", "import sys; from hw_cnn import cli; sys.exit(cli.main())"]
VOID = {"meta", "img", "br", "link"}


def process(*argv: str, cwd: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, *argv], cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])},
    )  # fmt: skip


class Page(HTMLParser):
    """Tags with their attributes, text, and whether tags are closed."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.folder = path.parent
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(path.read_text(encoding="utf-8"))
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def attributes(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory) -> Path:
    """What the recipe has learned in one epoch."""
    folder = tmp_path_factory.mktemp("fit")
    fit = process(
        "fit", "--config", "digits", "--trainer.max_epochs=1", "--trainer.accelerator=cpu", cwd=folder
    )
    _, said = fit.communicate(timeout=300)
    assert fit.returncode == 0, said
    return next(folder.rglob("last.ckpt"))


@pytest.fixture(scope="module", params=["ru", pytest.param("en", marks=pytest.mark.nightly)])
def explained(request, checkpoint, tmp_path_factory):
    """A page, the language, and what the command said."""
    lang, root = request.param, tmp_path_factory.mktemp("explain")
    options = {"ru": (), "en": ("--num-images", "2")}[lang]
    run = process("explain", str(checkpoint), "--out", "new/page", "--lang", lang, *options, cwd=root)
    said = run.communicate(timeout=300)
    assert run.returncode == 0, said
    return Page(root / "new" / "page" / "index.html"), lang, said


def test_every_section_is_there_in_its_language_with_all_its_pictures(explained):
    page, lang, _ = explained
    say = texts.of(lang)
    assert page.attributes("html")[0]["lang"] == lang
    assert [heading["id"] for heading in page.attributes("h2")] == list(sections.NAMES)
    for name in sections.NAMES:
        assert say[name]["title"] in page.text
    expected = [f"pictures/{name}.png" for name in texts.picture_names()]
    assert [picture["src"] for picture in page.attributes("img")] == expected
    links = [link["href"] for link in page.attributes("a")]
    assert [f"#{name}" for name in sections.NAMES] == links[: len(sections.NAMES)]
    assert say["page"]["failed"].partition("{")[0] not in page.text
    assert "{" not in page.text.partition("</style>")[2]


def test_every_picture_exists_says_what_it_shows_and_is_not_blank(explained):
    page, _, _ = explained
    for picture in page.attributes("img"):
        assert len(picture["alt"]) > 20
        assert "{" not in picture["alt"]
        with Image.open(page.folder / picture["src"]) as drawn:
            assert (str(drawn.width), str(drawn.height)) == (picture["width"], picture["height"])
            assert np.asarray(drawn.convert("L")).std() > 5
    assert {path.name for path in page.folder.iterdir()} == {"index.html", "pictures"}
    assert len(list((page.folder / "pictures").iterdir())) == len(page.attributes("img"))


def test_the_page_needs_no_network_and_runs_no_script(explained):
    page, _, _ = explained
    text = (page.folder / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"https?:|src=\"/|<script|@import|url\(", text)
    assert str(page.folder) not in text


def test_the_accuracy_is_that_of_the_test_part(explained, checkpoint):
    page, lang, _ = explained
    weights = torch.load(checkpoint, weights_only=True)["state_dict"]
    network = models.build("seminar")
    network.load_state_dict(
        {key.removeprefix("model."): value for key, value in weights.items() if "model." in key}
    )
    images, labels = embedded.load_digits("test")
    with torch.no_grad():
        answers = network.eval()((images[:, None] / 255 - 0.1307) / 0.3081).argmax(1)
    share = f"{100 * float((answers == labels).double().mean()):.1f}"
    assert f"{share.replace('.', ',') if lang == 'ru' else share}\N{NO-BREAK SPACE}%" in page.text
    assert str(int((answers != labels).sum())) in page.text
    assert ("44\N{NO-BREAK SPACE}426" if lang == "ru" else "44,426") in page.text


def test_the_command_counts_the_sections_and_says_where_the_page_is(explained):
    _page, _lang, (answer, progress) = explained
    assert re.fullmatch(r".*index\.html: 15 pictures in \d+ s\n", answer)
    lines = progress.splitlines()
    numbers = [line.partition(" ")[0] for line in lines if re.match(r"\d+/\d+  ", line)]
    assert numbers == [f"{n}/{len(sections.NAMES)}" for n in range(1, len(sections.NAMES) + 1)]
    assert not [line for line in lines if "Warning" in line]


def test_a_run_that_is_killed_leaves_no_page(checkpoint, tmp_path):
    """The folder holds an older page and foreign files."""
    out = tmp_path / "out"
    (out / "pictures").mkdir(parents=True)
    (out / "index.html").write_text(f'<meta name="generator" content="{folder.ORIGIN}">')
    (out / "notes.txt").write_text("mine")
    (out / "pictures" / "cat.png").write_bytes(b"mine")
    run = process("explain", str(checkpoint), "--out", str(out), cwd=tmp_path)
    deadline_s = time.monotonic() + 120
    while (out / "index.html").exists() or not (out / "pictures" / "kernels.png").exists():
        assert run.poll() is None, run.communicate()[1]
        assert time.monotonic() < deadline_s
        time.sleep(0.02)
    run.kill()
    run.communicate()
    assert not (out / "index.html").exists()
    assert (out / "notes.txt").read_text() == "mine"
    assert (out / "pictures" / "cat.png").read_bytes() == b"mine"


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["CKPT", "--out", "OUT", "--lang", "de"], "there is no page in 'de'; --lang is ru or en"),
        (["CKPT", "--out", "OUT", "--num-images", "0"], "--num-images (=0) must be 1 to 12"),
        (["CKPT", "--out", "FILE"], "is a file where a folder is needed"),
        (["CKPT", "--out", "FILE/below"], "a.txt'; give another --out"),
        (["CKPT", "--out", "FOREIGN"], "index.html' was not written by this command and would be lost"),
        (["CKPT", "--out", "PICTURED"], "filters.png' was not written by this command and would be lost"),
        (["CKPT", "--out", "OUT", "--data", "birds"], "there is no data set 'birds'; the data sets are digits, "),
        (["CKPT", "--out", "OUT", "--data-root", "."], "DigitsDataModule needs none; leave it out"),
        (["CKPT", "--out", "OUT", "--data", "shapes"], "does not take the images of ShapesDataModule, 3x32x32"),
        (["CKPT", "--out", "OUT", "--data", "image-folder", "--data-root", "EMPTY"], "has no folder train"),
        (["CKPT", "--out", "OUT", "--config", "nowhere.yaml"], "nowhere.yaml"),
        (["nowhere.ckpt", "--out", "OUT"], "nowhere.ckpt"),
        (["FILE", "--out", "OUT"], "a.txt"),
    ],
)  # fmt: skip
def test_wrong_usage_is_told_in_one_sentence(argv, message, checkpoint, tmp_path, capsys):
    (tmp_path / "a.txt").write_text("mine")
    (tmp_path / "foreign" / "pictures").mkdir(parents=True)
    (tmp_path / "foreign" / "index.html").write_text("<p>mine</p>")
    (tmp_path / "pictured" / "pictures").mkdir(parents=True)
    (tmp_path / "pictured" / "pictures" / "filters.png").write_bytes(b"mine")
    (tmp_path / "empty").mkdir()
    places = {"FOREIGN": tmp_path / "foreign", "PICTURED": tmp_path / "pictured", "EMPTY": tmp_path / "empty"}
    places |= {"FILE": tmp_path / "a.txt", "FILE/below": tmp_path / "a.txt/x"}
    places |= {"CKPT": checkpoint, "OUT": tmp_path / "out"}
    assert cli.main(["explain", *(str(places.get(word, word)) for word in argv)]) == 2
    said = capsys.readouterr().err.splitlines()
    assert said[-1].startswith("hw-cnn: ")
    assert message in said[-1]
    assert not [line for line in said if "Traceback" in line]
    assert (tmp_path / "foreign" / "index.html").read_text() == "<p>mine</p>"
    assert (tmp_path / "pictured" / "pictures" / "filters.png").read_bytes() == b"mine"
    assert not (tmp_path / "out").exists()
