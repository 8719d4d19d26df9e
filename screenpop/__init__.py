"""screenpop shows who is calling."""

__version__ = "0.1.0"
