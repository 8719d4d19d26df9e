"""No ability escapes the contract, no vendor escapes the tests."""

from __future__ import annotations

from pathlib import Path

from screenpop.providers import (
    abilities,
    mailbox,
    narrowed_lists,
    protocol,
    registry,
)
from screenpop.providers.testing.exercises import KNOWN_ABILITIES

HERE = Path(__file__).parent


def test_the_contract_tries_every_request_of_every_ability() -> None:
    named = {
        name
        for module in (protocol, abilities, mailbox, narrowed_lists)
        for name in vars(module)
        if name.startswith("Supports")
    }
    assert named == KNOWN_ABILITIES


def test_every_vendor_keeps_the_contract() -> None:
    for vendor in registry.BUILT_IN:
        text = (HERE / vendor / "test_contract.py").read_text("utf-8")
        assert f'key = "{vendor}"' in text
