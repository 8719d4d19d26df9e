"""What each policy said when it was last in order.

A policy that breaks, by a slip of the hand or a half-copied file, must not free what it
locked. Nobody but an administrator can break one, so what is remembered is of use to
nobody else, though the user could write it.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from screenpop.config.policy_layer import PolicyLayer, layer_of
from screenpop.config.section_reader import SettingsProblem
from screenpop.config.toml_file import LARGEST_BYTES
from screenpop.wording import tr

_log = logging.getLogger(__name__)
_VERSION: Final = 1


class PolicyMemory:
    """Remembers layers, in a file if there is one to be had."""

    def __init__(self, path: Path | None = None) -> None:
        """Nothing is read yet."""
        self._path = path
        self._known: dict[str, Any] | None = None

    def mended(self, layers: Iterable[PolicyLayer]) -> tuple[PolicyLayer, ...]:
        """The layers, each broken one as it was when it was last in order.

        Those that are in order are remembered, those that are gone are forgotten.
        """
        kept = tuple(layers)
        if not kept and self._path is not None and not self._path.exists():
            return kept
        known = self._read()
        news = {
            layer.name: known.get(layer.name) if layer.is_broken else _facts(layer)
            for layer in kept
        }
        news = {name: facts for name, facts in news.items() if facts is not None}
        if news != known:
            self._write(news)
        return tuple(
            _as_it_was(layer, news[layer.name])
            if layer.is_broken and layer.name in news
            else layer
            for layer in kept
        )

    def _read(self) -> dict[str, Any]:
        if self._known is None:
            self._known = {}
            try:
                if self._path is not None:
                    self._known = _layers_in(self._path)
            except FileNotFoundError:
                pass
            except (OSError, ValueError, RecursionError) as error:
                _log.info("no policies are remembered: %s", type(error).__name__)
        return self._known

    def _write(self, news: dict[str, Any]) -> None:
        self._known = news
        if self._path is None:
            return
        from screenpop.config.atomic_file import replace_file

        record = {"version": _VERSION, "layers": news}
        try:
            if news:
                self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                replace_file(self._path, json.dumps(record).encode())
            else:
                self._path.unlink(missing_ok=True)
        except OSError as error:
            # It holds for as long as this program runs.
            _log.info("policies cannot be remembered: %s", error.strerror)


def _layers_in(path: Path) -> dict[str, Any]:
    with path.open("rb") as stream:
        record = json.loads(stream.read(LARGEST_BYTES))
    if not isinstance(record, dict) or record.get("version") != _VERSION:
        return {}
    layers = record.get("layers")
    return layers if isinstance(layers, dict) else {}


def _facts(layer: PolicyLayer) -> dict[str, Any]:
    """As JSON gives it back, so that the two can be compared."""
    facts = {"table": layer.table, "locked": layer.locked}
    read: dict[str, Any] = json.loads(json.dumps(facts, default=str))
    return read


def _as_it_was(layer: PolicyLayer, facts: Any) -> PolicyLayer:
    try:
        table, locked = dict(facts["table"]), tuple(map(str, facts["locked"]))
    except (LookupError, TypeError, ValueError):
        return layer
    text = tr("until it is mended, what it said before holds")
    told = SettingsProblem(layer.problems[0].place, text, is_warning=True)
    before = layer_of(layer.origin, layer.name, table, locked=locked)
    return replace(
        before,
        locked=tuple(dict.fromkeys((*before.locked, *layer.locked))),
        problems=(*layer.problems, replace(told, source=layer.name)),
        is_broken=True,
    )
