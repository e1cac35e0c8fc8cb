"""Names of tests that are the same in every process that collects them."""


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes are named after their argument: an archive holds the time it was made, so its bytes differ per process."""
    return argname if isinstance(val, bytes | bytearray) else None
