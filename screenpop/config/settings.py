"""What the user may set, with its defaults.

These are values only; ``settings_reader`` makes them of a file and checks them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Final, Literal

from screenpop.config.card_settings import NO_WRAP_UP, LineSettings, WrapUpSettings
from screenpop.config.desk_settings import (
    NO_HOTKEYS,
    USUAL_QUIET,
    HotkeySettings,
    QuietSettings,
)
from screenpop.config.team_settings import USUAL_TEAM, TeamSettings
from screenpop.config.update_settings import USUAL_UPDATES, UpdateSettings
from screenpop.domain.frozen import frozen

Corner = Literal["top-left", "top-right", "bottom-left", "bottom-right"]
Theme = Literal["system", "light", "dark"]
CallsAs = Literal["auto", "card", "notification"]
LogLevel = Literal["debug", "info", "warning", "error"]
DialOrder = Literal["extension", "contact"]
Way = Literal["direct", "relay"]
DialRule = Literal["allow", "ask", "refuse"]
OpenWhen = Literal["never", "ring", "answer"]
RuleDirection = Literal["any", "inbound", "outbound"]
CardScreen = Literal["pointer", "active-window", "fixed"]
AnsweredAs = Literal["whole", "slim"]

# ISO 3166-1, the codes in use.
_REGION_CODES: Final = """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN
    BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ
    DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL
    GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM
    JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME
    MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP
    NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD
    SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO
    TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW
"""
REGIONS: Final = frozenset(_REGION_CODES.split())


@frozen(kw_only=True)
class ListenerSettings:
    """Where vendors deliver their webhooks.

    Attributes:
        host: The address to listen at.
        port: 0 for any free one.
        public_url: What vendors are told to call, without a trailing slash; "" for
            the address above.
    """

    host: str = "127.0.0.1"
    port: int = 8787
    public_url: str = ""


@frozen(kw_only=True)
class AccountSettings:
    """One login to one vendor.

    Attributes:
        id: Our short name for it, unique; part of URLs and of keychain entries.
        vendor: The key of the vendor's adapter; whether there is one is not checked.
        base_url: Another region, a white label, the simulator; "" for the vendor's own.
        extension: Whose calls pop here; "" for everyone's.
        region: How to read a national number of this account; "" for the general one.
        label: What the user calls the account; "" for its id.
        via: How its calls come: from the phone system itself, or by the team's relay.
        options: Everything else in its section, as text, for the adapter.
    """

    id: str
    vendor: str
    base_url: str = ""
    extension: str = ""
    region: str = ""
    label: str = ""
    via: Way = "direct"
    options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@frozen(kw_only=True)
class SourceSettings:
    """One source of contacts beside those on this computer.

    Attributes:
        id: Our short name for it, unique among sources and accounts.
        kind: The key of its kind ("ldap"); whether there is one is not checked.
        base_url: Where it lives; "" for the kind's own.
        label: What the user calls it; "" for its id.
        is_enabled: Whether it is asked.
        options: Everything else in its section, as text.
    """

    id: str
    kind: str
    base_url: str = ""
    label: str = ""
    is_enabled: bool = True
    options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@frozen(kw_only=True)
class CardRule:
    """What opens a record on some calls; the first rule that fits a call counts.

    Attributes:
        line: Only calls on this line of ours, by its number or name; "" for any.
        direction: Only calls this way.
        account: Only calls of the account of this id; "" for any.
        open_record: When; none for what `card` says.
        open_url: What instead of the general address; "" for that one.
        open_program: What instead of the general program; none for that one.
    """

    line: str = ""
    direction: RuleDirection = "any"
    account: str = ""
    open_record: OpenWhen | None = None
    open_url: str = ""
    open_program: tuple[str, ...] = ()


@frozen(kw_only=True)
class CardSettings:
    """How a ringing call is shown.

    Attributes:
        max_cards: How many stand at once; further calls are counted on the last one.
        pop_internal: Whether calls between colleagues raise a card.
        pop_outbound: Whether calls that our user starts raise a card.
        screen: Which screen cards come up on: where the pointer is, where the active
            window is, or always the same.
        screen_name: Which one, for `fixed`; "" for the primary one.
        answered_as: What becomes of a card once its call was answered here.
        answered_seconds: How long a card stays after its call was answered here, if
            nobody points at it, writes in it or has pinned it.
        sound: What to play once when a call rings: "" for nothing, "chime",
            "double", "low", or a sound file of this computer.
        spoken: Whether this computer says aloud who is calling, with the voice that the
            operating system has.
        link_hosts: Hosts whose pages the card may open on a click, none for any; only
            pages on these are opened without one.
        open_record: When a call to us opens the caller's record without a click.
        open_outbound: When a call of ours does; "ring" is as soon as it is dialled.
        open_url: Address to open, with placeholders; "" for the contact's own page.
        open_program: Program to run instead, and its arguments, with placeholders.
        rules: Exceptions, each written as `[[card.rules]]`.
    """

    corner: Corner = "bottom-right"
    max_cards: int = 4
    pop_internal: bool = True
    pop_outbound: bool = True
    screen: CardScreen = "pointer"
    screen_name: str = ""
    answered_as: AnsweredAs = "whole"
    answered_seconds: float = 10.0
    sound: str = ""
    spoken: bool = False
    link_hosts: tuple[str, ...] = ()
    open_record: OpenWhen = "never"
    open_outbound: OpenWhen = "never"
    open_url: str = ""
    open_program: tuple[str, ...] = ()
    rules: tuple[CardRule, ...] = ()

    @property
    def may_open(self) -> bool:
        """Whether any call at all opens something without a click."""
        is_general = (self.open_record, self.open_outbound) != ("never", "never")
        return is_general or bool(self.rules)


@frozen(kw_only=True)
class PolicySettings:
    """What only administrators may say, in a policy of theirs.

    Attributes:
        open_records: Whether calls may open anything without a click.
        programs: Whether calls may run programs.
        schemes: What addresses to open may begin with besides https.
        dispositions: What calls can come to, instead of what users set themselves.
        locked: Settings that users cannot change: keys such as `card.corner`, whole
            sections such as `dialing`, `accounts` or one of them, `accounts.acme`; also
            `autostart`, `tel_links` and `team.membership`.
        administrator: Whom users can ask, shown beside what is locked.
        login_start: Whether screenpop may start at login.
        relays: Hosts whose relay this computer may join, none for any.
        team_code: A file with the enrolment code of this computer: it joins that team
            by itself, and takes the file away; "" for none.
    """

    open_records: bool = True
    programs: bool = True
    schemes: tuple[str, ...] = ()
    dispositions: tuple[str, ...] = ()
    locked: tuple[str, ...] = ()
    administrator: str = ""
    login_start: bool = True
    relays: tuple[str, ...] = ()
    team_code: str = ""


@frozen(kw_only=True)
class DialSettings:
    """How calls are made.

    Attributes:
        account: The id of the account to call with; "" for the first that can.
        caller_id: Our number to show, E.164; "" for the user's own default.
        dial_first: Whose phone rings first.
        premium: What to do with numbers that cost far more than an ordinary call.
        abroad: What to do with numbers of another country.
        countries: The only countries (ISO 3166) that may be called; none for all.
        blocked: Numbers never to be called, E.164 or an extension.
        do_not_call: Numbers of people who asked not to be called; it is asked first.
        hours: When calls are made, such as "mon-fri 08:00-20:00", by this computer's
            clock; none for always.
        outside_hours: What to do at other times.
    """

    account: str = ""
    caller_id: str = ""
    dial_first: DialOrder = "extension"
    premium: DialRule = "ask"
    abroad: DialRule = "allow"
    countries: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()
    do_not_call: tuple[str, ...] = ()
    hours: tuple[str, ...] = ()
    outside_hours: DialRule = "ask"


@frozen(kw_only=True)
class LookupSettings:
    """How long to look for a caller's name.

    Attributes:
        soft_seconds: After this a source counts as late.
        hard_seconds: After this nobody waits for it any longer.
        keep_hits_minutes: How long an answer of a source is believed.
        keep_misses_minutes: How long "not known" is believed.
    """

    soft_seconds: float = 1.5
    hard_seconds: float = 5.0
    keep_hits_minutes: float = 120.0
    keep_misses_minutes: float = 5.0


@frozen(kw_only=True)
class LoggingSettings:
    """How much is written about the running."""

    level: LogLevel = "info"


@frozen(kw_only=True)
class UiSettings:
    """How the program looks.

    Attributes:
        calls_as: How a call is shown: as a card, or as a notification of the desktop's
            own; "auto" is a card wherever it can stand where it should.
        quiet_until: No cards until then (aware, UTC); None when not quiet.
    """

    theme: Theme = "system"
    calls_as: CallsAs = "auto"
    quiet_until: datetime | None = None


@frozen(kw_only=True)
class RetentionSettings:
    """How long things are kept, in days; nothing for longer than the call log.

    Attributes:
        journal_days: Deliveries as received.
        calls_days: The call log.
        notes_days: What was written about calls.
        dials_days: What was dialled from here, whether or not a call came of it.
        texts_days: Text messages that came by webhook.
    """

    journal_days: int = 30
    calls_days: int = 365
    notes_days: int = 365
    dials_days: int = 365
    texts_days: int = 365


@frozen(kw_only=True)
class Settings:
    """Everything the user set.

    Attributes:
        language: The code of the language to speak; "" for the system's.
        region: How to read a number without a country code (ISO 3166); "" when
            neither the user nor the system says.
    """

    language: str = ""
    region: str = ""
    listener: ListenerSettings = ListenerSettings()
    accounts: tuple[AccountSettings, ...] = ()
    sources: tuple[SourceSettings, ...] = ()
    card: CardSettings = CardSettings()
    lines: tuple[LineSettings, ...] = ()
    wrap_up: WrapUpSettings = NO_WRAP_UP
    dialing: DialSettings = DialSettings()
    lookup: LookupSettings = LookupSettings()
    logging: LoggingSettings = LoggingSettings()
    ui: UiSettings = UiSettings()
    hotkeys: HotkeySettings = NO_HOTKEYS
    quiet: QuietSettings = USUAL_QUIET
    retention: RetentionSettings = RetentionSettings()
    team: TeamSettings = USUAL_TEAM
    updates: UpdateSettings = USUAL_UPDATES
    policy: PolicySettings = PolicySettings()

    def with_region(self, region: str) -> Settings:
        """These settings, with ``region`` where the user set none."""
        return self if self.region else replace(self, region=region)

    @property
    def dispositions(self) -> tuple[str, ...]:
        """What calls can come to; what administrators say counts."""
        return self.policy.dispositions or self.wrap_up.dispositions

    def account(self, account_id: str) -> AccountSettings | None:
        """The account of that id, if there is one."""
        return next((one for one in self.accounts if one.id == account_id), None)

    def source(self, source_id: str) -> SourceSettings | None:
        """The contact source of that id, if there is one."""
        return next((one for one in self.sources if one.id == source_id), None)

    def region_of(self, account: AccountSettings) -> str:
        """The region in which to read that account's national numbers."""
        return account.region or self.region


def system_region() -> str:
    """The region the operating system is set to; "" when it does not say."""
    # The order in which POSIX has programs look; LC_TELEPHONE is glibc's.
    for name in ("LC_ALL", "LC_TELEPHONE", "LANG"):
        region = _region_of_locale(os.environ.get(name, ""))
        if region:
            return region
    return _windows_region()


def _region_of_locale(locale: str) -> str:
    """The "IT" of "it_IT.UTF-8"."""
    _, _, rest = locale.partition("_")
    region = rest[:2]
    is_whole = not rest[2:3].isalnum()
    return region if region in REGIONS and is_whole else ""


def _windows_region() -> str:
    if sys.platform == "win32":
        import ctypes

        name = ctypes.create_unicode_buffer(8)
        ctypes.windll.kernel32.GetUserDefaultGeoName(name, len(name))
        return name.value if name.value in REGIONS else ""
    return ""
