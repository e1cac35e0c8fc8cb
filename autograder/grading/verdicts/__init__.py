"""From how a hidden test ended to its verdict, and to what may be shown of it."""
