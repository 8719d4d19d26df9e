"""The contract of all adapters, and what those in this repository keep besides."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

from screenpop.providers import registry
from screenpop.providers.testing import contract
from screenpop.providers.testing.contract import (
    CALLBACK_URL,
    NUMBER,
    RECEIVED_AT,
    SECRET,
    Says,
    assert_hides_everything,
    context,
    delivery,
    exercises,
    failure_of,
    json_values,
)

__all__ = [
    "CALLBACK_URL",
    "NUMBER",
    "RECEIVED_AT",
    "SECRET",
    "ProviderContract",
    "Says",
    "assert_hides_everything",
    "context",
    "delivery",
    "exercises",
    "failure_of",
    "json_values",
]

ROOT = Path(__file__).parents[2]
QUALITY_RULES = {
    "test-before-save",
    "reauth",
    "unique-account",
    "retry-vs-auth-vs-bug",
    "sender-checked",
    "challenge-answered",
    "acknowledge-first",
    "duplicate-safe",
    "out-of-order-safe",
    "unknown-fields-kept",
    "dial-correlated",
    "no-secret-in-logs",
    "direction-is-users-view",
    "withheld-number",
    "transfer",
    "redacted-diagnostics",
    "recorded-fixtures",
    "contract-tests",
    "docs-limitations",
}
_EVIDENCE = re.compile(r"((?:docs|screenpop|tests)/[\w./-]+)(?:::(\w+))?")


def read_quality(text: str) -> dict[str, tuple[str, str]]:
    """Rule, state and rest of each line ``rule: state - evidence or reason``."""
    found = {}
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            name, _, rest = line.partition(":")
            state, _, reason = rest.strip().partition(" - ")
            assert name.strip() not in found, f"{name} is judged twice"
            found[name.strip()] = (state, reason.strip())
    return found


def missing_evidence(text: str) -> list[str]:
    """What of ``text`` names no file of ours, or no test in it."""
    missing = []
    for item in text.split(", "):
        named = _EVIDENCE.fullmatch(item)
        source = ROOT / named[1] if named is not None else ROOT
        test = f"def {named[2]}(" if named is not None and named[2] else ""
        if not source.is_file() or test not in source.read_text("utf-8"):
            missing.append(item)
    return missing


class ProviderContract(contract.ProviderContract):
    """What everybody's adapter keeps, and what ours have besides."""

    def folder(self) -> Path:
        module = importlib.import_module(f"screenpop.providers.{self.key}")
        assert module.__file__ is not None
        return Path(module.__file__).parent

    def test_its_page_names_it(self) -> None:
        manifest = registry.manifest(self.key)
        page = ROOT / "docs" / manifest.docs_path
        assert manifest.name in page.read_text("utf-8")

    def test_every_quality_rule_is_judged(self) -> None:
        text = (self.folder() / "quality.yaml").read_text("utf-8")
        quality = read_quality(text)
        assert quality.keys() == QUALITY_RULES
        for rule, (state, rest) in quality.items():
            assert state in ("done", "todo", "exempt"), rule
            if state == "done":
                assert missing_evidence(rest) == [], rule
            else:
                assert rest, f"{rule} is {state} without a reason"

    def test_the_folder_has_the_usual_files(self) -> None:
        present = {path.name for path in self.folder().iterdir()}
        assert present >= {
            "manifest.py",
            "client.py",
            "payloads.py",
            "mapping.py",
            "webhook.py",
            "provider.py",
            "quality.yaml",
        }
