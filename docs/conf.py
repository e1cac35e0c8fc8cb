"""Sphinx configuration: MyST pages, furo theme."""

project = "hw-cnn"
author = "hw-cnn maintainers"
copyright = "2026, hw-cnn maintainers"
extensions = ["myst_parser"]
highlight_language = "text"
html_theme = "furo"
myst_heading_anchors = 3
exclude_patterns = ["_build"]
