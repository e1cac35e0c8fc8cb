"""Examples beside failed hidden tests: made in a worker that has met none of them, and as small as they can be."""
