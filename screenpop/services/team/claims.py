"""Who of the team calls whom back."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from screenpop.domain.errors import RelayError
from screenpop.domain.frozen import frozen
from screenpop.relay.names import TeamVerb
from screenpop.relay.team_words import (
    CLAIM_SECONDS,
    Claim,
    ClaimState,
    Refusal,
    TeamRequest,
)

if TYPE_CHECKING:
    from screenpop.relay.team_words import TeamAnswer
    from screenpop.services.team.sharing import TeamSharing


class Holder(StrEnum):
    """Whose a caller is who waits."""

    NOBODY = "nobody"
    ME = "me"
    COLLEAGUE = "colleague"


@frozen
class ClaimView:
    """How it stands with one caller.

    Attributes:
        by: The colleague's name; "" for oneself or nobody.
        is_confirmed: The relay knows; otherwise it is what this desk wants or last
            heard, and somebody else may have been faster.
    """

    holder: Holder
    by: str = ""
    is_confirmed: bool = True


class TeamClaims:
    """Claims, seen from this desk."""

    def __init__(self, sharing: TeamSharing) -> None:
        """Nothing is claimed."""
        self._sharing = sharing

    def view(self, account_id: str, e164: str) -> ClaimView | None:
        """How it stands; None for a caller who is not the team's business."""
        key = self.key(account_id, e164)
        if not key:
            return None
        wished = self._sharing.wished(account_id, Claim, key)
        if wished is TeamVerb.CLAIM:
            return ClaimView(Holder.ME, is_confirmed=False)
        is_known = wished is None and self._sharing.is_up_to_date
        claim = self._sharing.items.find(account_id, Claim, key)
        if claim is None or wished is not None or not self._holds(claim):
            return ClaimView(Holder.NOBODY, is_confirmed=is_known)
        if claim.device == self._sharing.device_id:
            return ClaimView(Holder.ME, is_confirmed=is_known)
        return ClaimView(Holder.COLLEAGUE, claim.agent, is_confirmed=is_known)

    def key(self, account_id: str, e164: str) -> str:
        """What stands for a caller; "" for one who is not the team's business."""
        sharing = self._sharing
        is_shared = bool(e164) and account_id in sharing.account_ids
        if not is_shared or sharing.hashes is None:
            return ""
        return sharing.hashes.caller(account_id, e164)

    async def claim(self, account_id: str, e164: str) -> ClaimView | None:
        """I call them back; whose they are then, by the relay's word if it answers."""
        return await self._say(TeamVerb.CLAIM, account_id, e164)

    async def release(self, account_id: str, e164: str) -> ClaimView | None:
        """I do not, after all."""
        return await self._say(TeamVerb.RELEASE, account_id, e164)

    async def _say(
        self, verb: TeamVerb, account_id: str, e164: str
    ) -> ClaimView | None:
        key = self.key(account_id, e164)
        if not key:
            return None
        request = TeamRequest(account_id=account_id, key=key)
        try:
            await self._sharing.ask(verb, request)
        except RelayError:
            # It is said when the relay is back, and shown as not confirmed until then.
            self._sharing.wish(Claim, verb, request)
            self._sharing.note_change("claims")
        return self.view(account_id, e164)

    def note_answer(self, verb: TeamVerb, answer: TeamAnswer) -> None:
        """A wish from the time without the relay was answered; tell who was faster."""
        item = answer.item
        is_lost = verb is TeamVerb.CLAIM and answer.refusal is Refusal.TAKEN
        if is_lost and isinstance(item, Claim):
            self._sharing.tell_taken(item.agent)

    def _holds(self, claim: Claim) -> bool:
        if claim.state is not ClaimState.CLAIMED:
            return False
        lapses_at = claim.at + timedelta(seconds=CLAIM_SECONDS)
        return self._sharing.relay_now() < lapses_at
