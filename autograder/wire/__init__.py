"""What both sides of the trust boundary must agree on; the standard library and numpy only."""
