"""Phone numbers: read, compare and write them; the door to the modules behind."""

from __future__ import annotations

from screenpop.domain.number_format import FormatAsYouType, format_number
from screenpop.domain.number_reading import read_number
from screenpop.domain.phone_number import (
    NumberKind,
    PhoneNumber,
    country_of,
    is_emergency,
    is_premium,
    national_significant,
    probable_key,
    same_number,
)

__all__ = [
    "FormatAsYouType",
    "NumberKind",
    "PhoneNumber",
    "country_of",
    "format_number",
    "is_emergency",
    "is_premium",
    "national_significant",
    "probable_key",
    "read_number",
    "same_number",
]
