"""Say something to the person who runs a cell: as a page of the notebook where there is one, else as plain lines."""

from __future__ import annotations

import importlib

from autograder.student.kernel.history import kernel_shell


def show(plain: str, *, html: str | None = None, markdown: str | None = None) -> None:
    """Show one thing once. A program that shows notebooks takes the richest form that it knows; a terminal, `plain`."""
    if kernel_shell() is None:
        print(plain, flush=True)
        return
    forms = {"text/plain": plain, "text/html": html, "text/markdown": markdown}
    display = importlib.import_module("IPython.display").display
    display({kind: text for kind, text in forms.items() if text is not None}, raw=True)
