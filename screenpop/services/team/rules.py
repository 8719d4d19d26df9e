"""What the team says of numbers: spam, or who it is. One's own word comes first.

What travels are keyed hashes. Who a hash means, this desk finds among the matches of
its own sources; somebody it does not know stays unknown.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from screenpop.domain.contacts import TEAM_SPAM, Mark
from screenpop.relay.names import TeamVerb
from screenpop.relay.team_words import Rule, TeamRequest, Verdict
from screenpop.services.events import ContactsChanged, TeamChanged

if TYPE_CHECKING:
    from collections.abc import Callable

    from screenpop.domain.contacts import ContactMatch
    from screenpop.domain.numbers import PhoneNumber
    from screenpop.lookup.protocol import LookupAnswer
    from screenpop.services.application import Application
    from screenpop.services.team.sharing import TeamSharing


class TeamRules:
    """Says what the team says, and tells it what the user said."""

    def __init__(self, sharing: TeamSharing, app: Application) -> None:
        self._sharing = sharing
        self._app = app
        self._leave: Callable[[], None] | None = None
        if app.settings.team.share_rules:
            app.callers.said.team = self
            self._leave = app.bus.subscribe(TeamChanged, self._team_changed)

    def stop(self) -> None:
        """Say nothing any more."""
        if self._leave is not None:
            self._leave()
            self._app.callers.said.team = None

    def _team_changed(self, event: TeamChanged) -> None:
        if "rules" in event.what:
            # Which numbers it is about, nobody can tell from a hash.
            self._app.bus.publish(ContactsChanged())

    # --- what the team says ----------------------------------------------------------

    def mark_of(self, number: PhoneNumber) -> str:
        """How the team marks a number; "" for not at all."""
        return TEAM_SPAM if self._rule(number, Verdict.SPAM) is not None else ""

    def with_choice(self, answer: LookupAnswer) -> LookupAnswer:
        """The answer with whom the team means in front, if it is one of the matches."""
        rule = self._rule(answer.number, Verdict.PERSON)
        hashes = self._sharing.hashes
        if rule is None or hashes is None:
            return answer
        for match in answer.matches:
            if hashes.is_one_of(match, rule.persons):
                chosen = replace(match, chosen_at=rule.at, is_team_choice=True)
                others = tuple(each for each in answer.matches if each is not match)
                return replace(answer, matches=(chosen, *others))
        return answer

    def _rule(self, number: PhoneNumber, verdict: Verdict) -> Rule | None:
        for rule in self._rules(number):
            if rule.verdict is verdict:
                return rule
        return None

    def _rules(self, number: PhoneNumber) -> tuple[Rule, ...]:
        hashes = self._sharing.hashes
        if hashes is None or not number.e164:
            return ()
        key = hashes.number(number.e164)
        found = (
            self._sharing.items.find(account_id, Rule, key)
            for account_id in self._sharing.account_ids
        )
        return tuple(rule for rule in found if rule is not None)

    # --- what the user says ----------------------------------------------------------

    def note_mark(self, number: PhoneNumber, mark: str) -> None:
        """The user marked a number, or took its mark away."""
        if mark == Mark.SPAM:
            self._say(number, Verdict.SPAM)
        elif not mark and self._rule(number, Verdict.SPAM) is not None:
            self._say(number, Verdict.NONE)

    def note_choice(self, number: PhoneNumber, match: ContactMatch | None) -> None:
        """The user said who has a number, or took that back."""
        hashes = self._sharing.hashes
        if match is not None and hashes is not None:
            self._say(number, Verdict.PERSON, hashes.persons(match))
        elif match is None and self._rule(number, Verdict.PERSON) is not None:
            self._say(number, Verdict.NONE)

    def _say(
        self, number: PhoneNumber, verdict: Verdict, persons: tuple[str, ...] = ()
    ) -> None:
        hashes = self._sharing.hashes
        if hashes is None or not number.e164:
            return
        key = hashes.number(number.e164)
        for account_id in self._sharing.account_ids:
            request = TeamRequest(
                account_id=account_id, key=key, verdict=verdict, persons=persons
            )
            self._sharing.wish(Rule, TeamVerb.RULE, request)
