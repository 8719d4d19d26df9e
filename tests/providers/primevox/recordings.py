"""The recorded payloads of PrimeVOX."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FIXTURES = Path(__file__).parent / "fixtures"
CALL = "6f1c1f5e-6c1a-4a86-9b0e-6a3c1fd0b1a1"


def recorded(name: str) -> Any:
    """A recorded payload or answer."""
    return json.loads((FIXTURES / f"{name}.json").read_text("utf-8"))


def form(name: str) -> bytes:
    """A recorded form, byte for byte."""
    return (FIXTURES / f"{name}.form").read_bytes()
