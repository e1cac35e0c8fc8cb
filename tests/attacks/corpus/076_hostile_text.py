"""076 protocol: an exception whose text is a script, a formula and codes for the terminal.

Evidence: text - the script stands as a script in the page, or the codes reach the terminal.
When: call
"""


class Formula(Exception):
    """`str` gives what a page, a table and a terminal would carry out."""


def attack():
    Formula.__name__ = "=HYPERLINK"
    raise Formula(f"<script>{won()}</script>\x1b]0;{TARGETS['escape']}\x07\x1b[2J")
