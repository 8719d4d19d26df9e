"""Settings out of a TOML table; every problem found, none of them fatal."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, get_args

from screenpop.config import settings as model
from screenpop.config.card_settings import (
    read_dispositions,
    read_lines,
    read_wrap_up,
)
from screenpop.config.desk_settings import check_time, read_hotkeys, read_quiet
from screenpop.config.languages import LANGUAGES
from screenpop.config.section_reader import (
    SectionReader,
    SettingsProblem,
)
from screenpop.config.team_settings import read_team
from screenpop.config.update_settings import read_updates
from screenpop.domain.frozen import frozen
from screenpop.wording import tr

ACCOUNT_ID: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_VENDOR: Final = re.compile(r"[a-z0-9][a-z0-9_]{0,63}")
_E164: Final = re.compile(r"\+[1-9]\d{6,14}")
_EXTENSION: Final = re.compile(r"\d{2,8}")
_HOST: Final = re.compile(r"[a-z0-9._-]{1,253}")
_PLACE: Final = re.compile(r"[a-z_]{1,40}(\.[a-z0-9_-]{1,40})?")
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]{1,30}")
_HIGHEST_PORT: Final = 65535
NOTHING: Final = "-"
"""Neither a host nor a country: what is left of a list of only mistakes."""


@frozen
class ReadSettings:
    """Settings and what was wrong with their source."""

    settings: model.Settings
    problems: tuple[SettingsProblem, ...] = ()


def read_settings(table: Mapping[str, Any]) -> ReadSettings:
    """Make settings of a parsed TOML document.

    A wrong value falls back to its default, an account without a usable id or vendor
    is left out, an unknown key is a warning. Nothing raises.
    """
    problems: list[SettingsProblem] = []
    reader = SectionReader(table, "", problems)
    settings = settings_from(reader)
    reader.warn_of_unknown()
    ids = {account.id for account in settings.accounts}
    if settings.dialing.account and settings.dialing.account not in ids:
        text = tr("there is no account of that id; the first that can call is used")
        problems.append(SettingsProblem("dialing.account", text))
    for source in settings.sources:
        if source.id in ids:
            text = tr("an account has this id; give the source another one")
            problems.append(SettingsProblem(f"sources.{source.id}", text))
    return ReadSettings(settings, tuple(problems))


def settings_from(reader: SectionReader) -> model.Settings:
    """Ask ``reader`` for every setting there is."""
    policy = _read_policy(reader.section("policy"))
    return model.Settings(
        language=reader.text("language", "", _check_language),
        region=reader.region("region") or model.system_region(),
        listener=_read_listener(reader.section("listener")),
        accounts=_read_accounts(reader),
        sources=_read_sources(reader),
        card=_read_card(reader.section("card"), policy.schemes),
        lines=read_lines(reader),
        wrap_up=read_wrap_up(reader.section("wrap_up")),
        dialing=_read_dialing(reader.section("dialing")),
        lookup=_read_lookup(reader.section("lookup")),
        logging=_read_logging(reader.section("logging")),
        ui=_read_ui(reader.section("ui")),
        hotkeys=read_hotkeys(reader.section("hotkeys")),
        quiet=read_quiet(reader.section("quiet")),
        retention=_read_retention(reader.section("retention")),
        team=read_team(reader.section("team")),
        updates=read_updates(reader.section("updates")),
        policy=policy,
    )


def check_account_id(text: str) -> str:
    """What is wrong with an account's id, in words; "" when nothing is."""
    if ACCOUNT_ID.fullmatch(text):
        return ""
    return tr(
        "an id has 1 to 32 lower-case letters, digits, - and _, "
        "and starts with a letter or digit"
    )


def check_vendor(text: str) -> str:
    """What is wrong with the form of a vendor's key; "" when nothing is."""
    if _VENDOR.fullmatch(text):
        return ""
    return tr("a vendor's key has lower-case letters, digits and _")


# --- the sections --------------------------------------------------------------------


def _read_listener(section: SectionReader) -> model.ListenerSettings:
    default = model.ListenerSettings()
    listener = model.ListenerSettings(
        host=section.text("host", default.host, _check_host),
        port=section.whole("port", default.port, 0, _HIGHEST_PORT),
        public_url=section.url("public_url"),
    )
    section.warn_of_unknown()
    return listener


def _read_card(section: SectionReader, schemes: tuple[str, ...]) -> model.CardSettings:
    default = model.CardSettings()
    when = get_args(model.OpenWhen)
    card = model.CardSettings(
        corner=section.choice("corner", default.corner, get_args(model.Corner)),
        max_cards=section.whole("max_cards", default.max_cards, 1, 10),
        pop_internal=section.flag("pop_internal", default=default.pop_internal),
        pop_outbound=section.flag("pop_outbound", default=default.pop_outbound),
        screen=section.choice("screen", default.screen, get_args(model.CardScreen)),
        screen_name=section.text("screen_name", ""),
        answered_as=section.choice(
            "answered_as", default.answered_as, get_args(model.AnsweredAs)
        ),
        answered_seconds=section.number(
            "answered_seconds", default.answered_seconds, 0, 3600
        ),
        sound=section.text("sound", ""),
        spoken=section.flag("spoken", default=default.spoken),
        link_hosts=section.texts("link_hosts", _check_host_name),
        open_record=section.choice("open_record", default.open_record, when),
        open_outbound=section.choice("open_outbound", default.open_outbound, when),
        open_url=section.text("open_url", "", _template_check(schemes)),
        open_program=_read_program(section),
        rules=tuple(_read_rule(each, schemes) for each in section.sections("rules")),
    )
    section.warn_of_unknown()
    return card


def _read_rule(section: SectionReader, schemes: tuple[str, ...]) -> model.CardRule:
    default = model.CardRule()
    when: model.OpenWhen | None = None
    if section.has("open_record"):
        when = section.choice("open_record", "never", get_args(model.OpenWhen))
    rule = model.CardRule(
        line=section.digits("line"),
        direction=section.choice(
            "direction", default.direction, get_args(model.RuleDirection)
        ),
        account=section.text("account", "", check_account_id),
        open_record=when,
        open_url=section.text("open_url", "", _template_check(schemes)),
        open_program=_read_program(section),
    )
    section.warn_of_unknown()
    return rule


def _read_program(section: SectionReader) -> tuple[str, ...]:
    argv = section.texts("open_program", lambda _: "")
    if argv:
        from screenpop.domain.errors import ConfigurationError
        from screenpop.domain.open_template import ProgramTemplate

        try:
            ProgramTemplate.checked(argv)
        except ConfigurationError as error:
            section.complain(
                "open_program", tr("{title}; it is ignored", title=error.title)
            )
            return ()
    return argv


def _template_check(schemes: tuple[str, ...]) -> Callable[[str], str]:
    def check(text: str) -> str:
        from screenpop.domain.errors import ConfigurationError
        from screenpop.domain.open_template import UrlTemplate

        try:
            UrlTemplate.checked(text, schemes)
        except ConfigurationError as error:
            return error.title[:1].lower() + error.title[1:]
        return ""

    return check


def _read_policy(section: SectionReader) -> model.PolicySettings:
    default = model.PolicySettings()
    policy = model.PolicySettings(
        open_records=section.flag("open_records", default=default.open_records),
        programs=section.flag("programs", default=default.programs),
        schemes=section.texts("schemes", _check_scheme),
        dispositions=read_dispositions(section),
        locked=section.texts("locked", _check_place),
        administrator=section.text("administrator", default.administrator),
        login_start=section.flag("login_start", default=default.login_start),
        relays=section.texts("relays", _check_host_name, NOTHING),
        team_code=section.text("team_code", default.team_code),
    )
    section.warn_of_unknown()
    return policy


def _read_dialing(section: SectionReader) -> model.DialSettings:
    default = model.DialSettings()
    dialing = model.DialSettings(
        account=section.text("account", "", check_account_id),
        caller_id=section.text("caller_id", "", _check_e164),
        dial_first=section.choice(
            "dial_first", default.dial_first, get_args(model.DialOrder)
        ),
        premium=section.choice("premium", default.premium, get_args(model.DialRule)),
        abroad=section.choice("abroad", default.abroad, get_args(model.DialRule)),
        countries=section.texts("countries", _check_region, NOTHING),
        blocked=section.texts("blocked", _check_number),
        do_not_call=section.texts("do_not_call", _check_number),
        hours=section.texts("hours", check_time),
        outside_hours=section.choice(
            "outside_hours", default.outside_hours, get_args(model.DialRule)
        ),
    )
    section.warn_of_unknown()
    return dialing


def _read_lookup(section: SectionReader) -> model.LookupSettings:
    default = model.LookupSettings()
    soft = section.number("soft_seconds", default.soft_seconds, 0.1, 60)
    lookup = model.LookupSettings(
        soft_seconds=soft,
        hard_seconds=section.number("hard_seconds", default.hard_seconds, 0.1, 60),
        keep_hits_minutes=section.number(
            "keep_hits_minutes", default.keep_hits_minutes, 0, 10_080
        ),
        keep_misses_minutes=section.number(
            "keep_misses_minutes", default.keep_misses_minutes, 0, 10_080
        ),
    )
    section.warn_of_unknown()
    return lookup


def _read_logging(section: SectionReader) -> model.LoggingSettings:
    default = model.LoggingSettings()
    logging = model.LoggingSettings(
        level=section.choice("level", default.level, get_args(model.LogLevel))
    )
    section.warn_of_unknown()
    return logging


def _read_ui(section: SectionReader) -> model.UiSettings:
    default = model.UiSettings()
    ui = model.UiSettings(
        theme=section.choice("theme", default.theme, get_args(model.Theme)),
        calls_as=section.choice("calls_as", default.calls_as, get_args(model.CallsAs)),
        quiet_until=section.moment("quiet_until"),
    )
    section.warn_of_unknown()
    return ui


def _read_retention(section: SectionReader) -> model.RetentionSettings:
    default = model.RetentionSettings()
    retention = model.RetentionSettings(
        journal_days=section.whole("journal_days", default.journal_days, 1, 3650),
        calls_days=section.whole("calls_days", default.calls_days, 1, 36_500),
        notes_days=section.whole("notes_days", default.notes_days, 1, 36_500),
        dials_days=section.whole("dials_days", default.dials_days, 1, 36_500),
        texts_days=section.whole("texts_days", default.texts_days, 1, 36_500),
    )
    section.warn_of_unknown()
    return retention


def _read_accounts(reader: SectionReader) -> tuple[model.AccountSettings, ...]:
    accounts: dict[str, model.AccountSettings] = {}
    for section in reader.sections("accounts"):
        account = _read_account(section)
        if account is None:
            continue
        if account.id in accounts:
            section.complain(
                "id", tr("another account has this id; this one is left out")
            )
            continue
        accounts[account.id] = account
    return tuple(accounts.values())


def _read_account(section: SectionReader) -> model.AccountSettings | None:
    account_id = section.required_text("id", check_account_id)
    vendor = section.required_text("vendor", check_vendor)
    account = model.AccountSettings(
        id=account_id,
        vendor=vendor,
        base_url=section.url("base_url"),
        extension=section.digits("extension"),
        region=section.region("region"),
        label=section.text("label", ""),
        via=section.choice("via", "direct", get_args(model.Way)),
        options=MappingProxyType(section.rest()),
    )
    return account if account_id and vendor else None


def _read_sources(reader: SectionReader) -> tuple[model.SourceSettings, ...]:
    sources: dict[str, model.SourceSettings] = {}
    for section in reader.sections("sources"):
        source_id = section.required_text("id", check_account_id)
        kind = section.required_text("kind", check_vendor)
        source = model.SourceSettings(
            id=source_id,
            kind=kind,
            base_url=section.url("base_url"),
            label=section.text("label", ""),
            is_enabled=section.flag("is_enabled", default=True),
            options=MappingProxyType(section.rest()),
        )
        if source.id in sources:
            section.complain(
                "id", tr("another source has this id; this one is left out")
            )
        elif source_id and kind:
            sources[source.id] = source
    return tuple(sources.values())


# --- checks --------------------------------------------------------------------------


def _check_host(text: str) -> str:
    import ipaddress

    try:
        ipaddress.ip_address(text)
    except ValueError:
        return _check_host_name(text)
    return ""


def _check_host_name(text: str) -> str:
    return (
        "" if _HOST.fullmatch(text.lower()) else tr("this is no address or host name")
    )


def _check_e164(text: str) -> str:
    if _E164.fullmatch(text):
        return ""
    return tr("the number must be written with + and country code, without blanks")


def _check_number(text: str) -> str:
    if _E164.fullmatch(text) or _EXTENSION.fullmatch(text):
        return ""
    return tr("write a number with + and country code, without blanks, or an extension")


def _check_place(text: str) -> str:
    return (
        "" if _PLACE.fullmatch(text) else tr("this is no setting, such as card.corner")
    )


def _check_scheme(text: str) -> str:
    if _SCHEME.fullmatch(text):
        return ""
    return tr("a scheme is written in small letters, without the colon")


def _check_language(text: str) -> str:
    if text in LANGUAGES:
        return ""
    return tr("this is none of the languages {codes}", codes=", ".join(LANGUAGES))


def _check_region(text: str) -> str:
    return "" if text in model.REGIONS else tr("this is no country's code (ISO 3166)")
