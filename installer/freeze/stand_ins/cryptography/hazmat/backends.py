"""There is only one: Python's OpenSSL."""


def default_backend() -> None:
    """Nothing to choose from."""
