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
        elif not mark:
            self._take_back(number, Verdict.SPAM, is_own=True)

    def contradict(self, number: PhoneNumber) -> None:
        """The user says that the team's mark is wrong."""
        self._take_back(number, Verdict.SPAM, is_own=False)

    def note_choice(
        self, number: PhoneNumber, match: ContactMatch | None, *, had_own: bool
    ) -> None:
        """The user said who has a number, or took back their own word or the team's."""
        hashes = self._sharing.hashes
        if match is None:
            self._take_back(number, Verdict.PERSON, is_own=had_own)
        elif hashes is not None:
            self._say(number, Verdict.PERSON, hashes.persons(match))

    def _take_back(
        self, number: PhoneNumber, verdict: Verdict, *, is_own: bool
    ) -> None:
        """Take a rule back for all; with one's own word, only one that came of it.

        What a colleague said as well stays their word, and the team's.
        """
        rule = self._rule(number, verdict)
        is_mine = rule is not None and rule.device == self._sharing.device_id
        is_colleagues = rule is not None and not is_mine
        if is_mine or self._is_to_be_said(number) or (is_colleagues and not is_own):
            self._say(number, Verdict.NONE)

    def _is_to_be_said(self, number: PhoneNumber) -> bool:
        hashes = self._sharing.hashes
        if hashes is None or not number.e164:
            return False
        key = hashes.number(number.e164)
        return any(
            self._sharing.wished(account_id, Rule, key) is not None
            for account_id in self._sharing.account_ids
        )

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
