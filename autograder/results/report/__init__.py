"""The report that a person reads: one static page, made from the stored results alone."""

from __future__ import annotations

from autograder.results.report.page import write_report

__all__ = ["write_report"]
