"""The page in a browser: nothing on the console, nothing asked for, and it fits a telephone."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from autograder.similarity.agreement import together
from autograder.similarity.page import render
from autograder.text import LANGS, Lang
from tests.autograder.results.report.pages import CHROMIUM
from tests.autograder.similarity.disguises import talkative
from tests.autograder.similarity.test_page import MANIFEST, SOURCE, found, work

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright comes with the extra `dev`")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")]


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("width", [360, 1200])
def test_it_is_quiet_and_fits(tmp_path: Path, lang: Lang, width: int) -> None:
    one = found(
        work("anna"), work("b" * 60, talkative(SOURCE, random.Random(1))), weights=(("anna", "b" * 60),)
    )
    path = tmp_path / "similarity.html"
    path.write_text(render(MANIFEST, one, together(one, {}), lang, lines=15), encoding="utf-8")
    heard: list[str] = []
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": width, "height": 800})
        page.on("console", lambda message: heard.append(message.text))
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.on("request", lambda asked: asked.url.startswith("file:") or heard.append(asked.url))
        page.goto(path.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") == width
        left, right = (page.locator(".sides section").nth(place).bounding_box() for place in (0, 1))
        assert (left["y"] == right["y"]) is (width == 1200)
        browser.close()
    assert heard == []
