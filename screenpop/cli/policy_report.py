"""``screenpop doctor --policy``: which value of each setting wins, and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from screenpop.cli.desk import settings_file
from screenpop.cli.output import as_json, say, say_json
from screenpop.config.paths import Paths
from screenpop.config.policy_explained import (
    BUILT_IN,
    Explained,
    Reason,
    explain_policy,
)
from screenpop.domain.plain_text import plain

if TYPE_CHECKING:
    from screenpop.config.policy_explained import PolicyReport, Voice
    from screenpop.config.policy_layer import PolicyLayer
    from screenpop.config.section_reader import SettingsProblem

_LONGEST_VALUE: Final = 400


def report_policy(preview: Path | None, *, is_json: bool) -> int:
    """Say it; 1 when anything is wrong with a policy, or with the one looked at.

    Args:
        preview: A policy to look at as if it were in force; None for those that are.
        is_json: Whether to print JSON.

    Raises:
        ConfigurationError: The preview cannot be read.
    """
    report = explain_policy(settings_file(Paths.from_environment()), preview)
    if is_json:
        say_json(_as_json(report))
    else:
        _say(report)
    if preview is None:
        return 1 if report.problems else 0
    # What is wrong with those that are there is no reason to keep a good one out.
    return 1 if any(one.source == str(preview) for one in report.problems) else 0


def _as_json(report: PolicyReport) -> dict[str, Any]:
    return {
        "policies": [
            {
                "source": layer.name,
                "kind": layer.origin.value,
                "locked": list(layer.locked),
                "is_broken": layer.is_broken,
            }
            for layer in report.layers
        ],
        "settings": [as_json(one) for one in report.settings],
        "problems": [as_json(one) for one in report.problems],
        "own_problems": [as_json(one) for one in report.own_problems],
    }


def _say(report: PolicyReport) -> None:
    if not report.layers:
        say("There is no policy on this computer.")
    else:
        say("Policies, the strongest first; what is locked beats what is not:")
    for layer in report.layers:
        say(f"  {_layer_line(layer)}")
    if report.settings:
        say()
    for one in report.settings:
        say(f"{one.place} = {_shown(one.value)}")
        say(f"    {_why(one)}")
        for voice in one.voices:
            if voice.source != one.source:
                say(f"    {_aside(voice, one)}")
    for problem in report.problems:
        say(_problem_line("FAULT", problem))
    for problem in report.own_problems:
        say(_problem_line("note ", problem))


def _layer_line(layer: PolicyLayer) -> str:
    count = len(layer.locked)
    locks = f"{count} locked" if count else "nothing locked"
    broken = "; BROKEN" if layer.is_broken else ""
    return f"{layer.name} ({layer.origin.value}): {locks}{broken}"


def _why(one: Explained) -> str:
    match one.reason:
        case Reason.LOCKED if one.place.startswith("policy."):
            return f"from {one.source}: only administrators may say this"
        case Reason.LOCKED if one.source == BUILT_IN:
            return f"built in, and locked by {one.lock}: users cannot change it"
        case Reason.LOCKED if one.source != one.lock:
            return (
                f"from {one.source}, and locked by {one.lock}: users cannot change it"
            )
        case Reason.LOCKED:
            return f"locked by {one.source}: users cannot change it"
        case Reason.USER:
            return f"from {one.source}: the user's own setting, which no policy locks"
        case Reason.DEFAULT:
            return f"default of {one.source}: the user may change it and has not"
        case _:
            return "built in: nobody says anything that could be used"


def _aside(voice: Voice, one: Explained) -> str:
    if voice.is_lock or one.reason is not Reason.LOCKED:
        why = "a stronger one says otherwise"
    else:
        why = "ignored, as it is locked" if one.lock else "a stronger one is used"
    if one.reason is Reason.USER:
        why = "the user's own is used"
    return f"not {_shown(voice.value)} of {voice.source}: {why}"


def _problem_line(mark: str, problem: SettingsProblem) -> str:
    where = f"{problem.source}: " if problem.source else ""
    return f"{mark} {where}{problem.place}: {problem.text}"


def _shown(value: Any) -> str:
    """A value as JSON on one line; foreign text must not steer the terminal."""
    text = json.dumps(as_json(value), ensure_ascii=False)
    return plain(text, _LONGEST_VALUE)
