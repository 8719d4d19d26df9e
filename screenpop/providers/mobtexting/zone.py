"""MobTexting's times carry no zone: which one they are in, and what they mean."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import ConfigurationError
from screenpop.domain.frozen import frozen
from screenpop.wording import tr

if TYPE_CHECKING:
    from datetime import date

# Countries with one zone and no summer time; elsewhere UTC until the user says.
_HOURS: Final = {
    "AE": 4.0, "BD": 6.0, "BH": 3.0, "GH": 0.0, "HK": 8.0, "IN": 5.5, "KE": 3.0,
    "KW": 3.0, "LK": 5.5, "MM": 6.5, "MY": 8.0, "NG": 1.0, "NP": 5.75, "OM": 4.0,
    "PH": 8.0, "PK": 5.0, "QA": 3.0, "SA": 3.0, "SG": 8.0, "TH": 7.0, "TZ": 3.0,
    "UG": 3.0, "VN": 7.0, "ZA": 2.0,
}  # fmt: skip
_OFFSET: Final = re.compile(r"(?:UTC|GMT)?\s*([+-])(\d{1,2})(?::?([0-5]\d))?", re.I)
_TWELVE_HOURS: Final = re.compile(r"(.+?)\s*([AaPp])\.?[Mm]\.?")
_UNIX: Final = re.compile(r"\d{9,10}")


@frozen
class AccountZone:
    """The zone in which an account's times are written.

    Attributes:
        is_certain: The user said so; otherwise it follows from the country.
    """

    tz: tzinfo
    is_certain: bool = False

    def moment(self, text: str) -> datetime | None:
        """A stamp as a point in time (aware, UTC); None when it is none."""
        if _UNIX.fullmatch(text):
            return datetime.fromtimestamp(int(text), UTC)
        half = _TWELVE_HOURS.fullmatch(text)
        try:
            found = datetime.fromisoformat(half[1] if half else text)
            if half:
                is_afternoon = half[2] in "Pp"
                found = found.replace(hour=found.hour % 12 + 12 * is_afternoon)
            zoned = found if found.tzinfo else found.replace(tzinfo=self.tz)
            return zoned.astimezone(UTC)
        except (OverflowError, ValueError):
            return None

    def day(self, moment: datetime) -> date:
        """The calendar day of a moment where the account is."""
        return moment.astimezone(self.tz).date()


def account_zone(text: str, region: str) -> AccountZone:
    """The zone that an account's option names, else that of its country.

    Args:
        text: A name such as "Asia/Kolkata", an offset such as "+05:30", "UTC", or "".
        region: ISO 3166; a country of several zones reads as UTC.

    Raises:
        ConfigurationError: There is no such zone.
    """
    name = text.strip()
    if not name:
        hours = _HOURS.get(region.upper(), 0.0)
        return AccountZone(timezone(timedelta(hours=hours)))
    if name.upper() in ("UTC", "GMT", "Z"):
        return AccountZone(UTC, is_certain=True)
    offset = _OFFSET.fullmatch(name)
    if offset and int(offset[2]) <= 14:
        size = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
        zone = timezone(-size if offset[1] == "-" else size)
        return AccountZone(zone, is_certain=True)
    return AccountZone(_named(name), is_certain=True)


def _named(name: str) -> tzinfo:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ConfigurationError(
            tr("The time zone of the account is not known on this computer"),
            tr(
                "Write it like Asia/Kolkata, or as its distance from UTC, such as "
                "+05:30."
            ),
        ) from None
