"""Contact sources in words, and one in the making. Knows no Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from screenpop.domain.frozen import frozen
from screenpop.domain.plain_text import plain
from screenpop.domain.privacy import Secret
from screenpop.services.source_setup import TOKENS, SourceDraft
from screenpop.ui.settings.form_check import first_problem
from screenpop.ui.settings.view_model import account_id_of
from screenpop.ui.time_text import ago_text
from screenpop.ui.wording import joined, reworded, tr, tr_count

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from screenpop.domain.form_fields import FormField
    from screenpop.lookup.manifest import SourceManifest
    from screenpop.services.source_overview import SourceStanding
    from screenpop.services.source_sync import SyncReport
    from screenpop.ui.ports import OpenUrl
    from screenpop.ui.setup_ports import SourcesPort

_LONGEST: Final = 200


def state_text(standing: SourceStanding, now: datetime) -> str:
    """How a source stands, in a few words."""
    count = standing.contacts
    copied = tr_count("{count} contact", "{count} contacts", count) if count else ""
    if not standing.is_enabled:
        kept = tr("{contacts} of it stay known", contacts=copied) if copied else ""
        return joined(tr("switched off"), kept)
    if standing.problem:
        return joined(plain(standing.problem, _LONGEST), copied)
    if not standing.is_copied:
        answered = standing.answered_at
        when = ago_text(answered, now) if answered else ""
        told = tr("answered {when}", when=when) if when else tr("not asked yet")
        return joined(tr("asked about each caller"), told)
    if standing.copied_at is None:
        return joined(tr("not copied yet"), copied)
    when = tr("copied {when}", when=ago_text(standing.copied_at, now))
    return joined(copied or tr("no contacts"), when)


def state_icon(standing: SourceStanding) -> tuple[str, str]:
    """The icon of a source's state, and its colour role."""
    if not standing.is_enabled:
        return "quiet", "text_faint"
    if standing.problem:
        return "alert", "bad"
    if standing.is_copied and standing.copied_at is None:
        return "refresh", "text_faint"
    if not standing.is_copied and standing.answered_at is None:
        # Nobody knows yet whether it answers: no tick before it has.
        return "link", "text_faint"
    return "check", "good"


def sync_text(report: SyncReport) -> str:
    """What a sync brought."""
    if not report.changed and not report.gone:
        return tr("Nothing has changed there.")
    came = tr_count("{count} contact came", "{count} contacts came", report.changed)
    gone = tr_count("{count} went", "{count} went", report.gone)
    return tr("{came}, {gone}.", came=came, gone=gone)


def open_fields(manifest: SourceManifest) -> tuple[FormField, ...]:
    """What a source asks for and may be seen: all but its keys."""
    return tuple(one for one in manifest.fields if one.kind != "secret")


def secret_fields(manifest: SourceManifest) -> tuple[FormField, ...]:
    """The keys and passwords of a source."""
    return tuple(one for one in manifest.fields if one.kind == "secret")


@frozen
class SourceOffer:
    """Parts of a source that can be chosen, such as address books.

    Attributes:
        field: Its setting.
        words: What each part is called.
        chosen: Those that are wanted so far.
    """

    field: FormField
    words: tuple[str, ...]
    chosen: tuple[str, ...]


class SourceWizardModel:
    """A contact source in the making: filled in, signed in to, tried, then kept."""

    def __init__(
        self, sources: SourcesPort, taken: Iterable[str], open_url: OpenUrl
    ) -> None:
        """Nothing is chosen yet; ``taken`` are the ids that are in use."""
        self._sources = sources
        self._taken = set(taken)
        self._open_url = open_url
        self.kinds = sources.kinds()
        self.kind: SourceManifest | None = None
        self.label = ""
        self.said = ""
        self.offers: tuple[SourceOffer, ...] = ()
        self._values: dict[str, str] = {}
        self._secrets: dict[str, Secret] = {}

    def choose(self, key: str) -> None:
        """Which kind of source it is."""
        self.kind = next(one for one in self.kinds if one.key == key)
        self.label = self.kind.name
        self.said = ""
        self._secrets = {}

    @property
    def needs_sign_in(self) -> bool:
        """It wants the user to sign in in the browser."""
        return self.kind is not None and self.kind.sign_in is not None

    def fill_in(
        self, label: str, values: Mapping[str, str], secrets: Mapping[str, str]
    ) -> str:
        """Take over the form; the first thing that is wrong with it, or ""."""
        self.label = label.strip()
        self.said = ""
        self._values = {key: one.strip() for key, one in values.items() if one.strip()}
        self._secrets = {
            key: Secret(one.strip()) for key, one in secrets.items() if one.strip()
        }
        if not self.label:
            return tr("Give the source a name.")
        fields = self.kind.fields if self.kind else ()
        return first_problem(fields, self._values, self._secrets)

    async def try_out(self) -> None:
        """Sign in where that is wanted, then talk to the source; nothing is saved."""
        if self.needs_sign_in:
            self._secrets[TOKENS] = await self._sources.sign_in(
                self.draft, self._open_url
            )
        self.said = await self._sources.try_out(self.draft)
        offered = await self._sources.offers(self.draft)
        fields = self.kind.fields if self.kind else ()
        self.offers = tuple(
            SourceOffer(one, words, self._chosen_of(one.key, words))
            for one in fields
            if (words := offered.get(one.key, ()))
        )

    def _chosen_of(self, key: str, words: tuple[str, ...]) -> tuple[str, ...]:
        named = [one.strip().casefold() for one in self._values.get(key, "").split(",")]
        return tuple(one for one in words if one.casefold() in named) or words

    def take_offers(self, chosen: Mapping[str, tuple[str, ...]]) -> str:
        """Take over which parts are wanted; what is wrong with that, or ""."""
        for offer in self.offers:
            key = offer.field.key
            words = chosen.get(key, offer.words)
            if not words:
                what = reworded(offer.field.label)
                return tr("Choose at least one: {what}.", what=what)
            # All of them means those as well that come there later.
            self._values.pop(key, None)
            if words != offer.words:
                self._values[key] = ", ".join(words)
        return ""

    @property
    def welcome_text(self) -> str:
        """What the source says of itself."""
        return plain(self.said, _LONGEST) or tr("It answers.")

    @property
    def draft(self) -> SourceDraft:
        """The source as filled in so far."""
        if self.kind is None:
            raise AssertionError("no kind chosen yet")
        return SourceDraft(
            source_id=account_id_of(self.label, self._taken),
            kind=self.kind.key,
            fields={**self._values, "label": self.label},
            secrets=dict(self._secrets),
        )

    async def save(self) -> str:
        """Keep the source and begin to use it; its id."""
        draft = self.draft
        await self._sources.add(draft)
        return draft.source_id
