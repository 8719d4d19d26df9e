"""Entries of a directory as contacts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from screenpop.domain.contacts import Contact, ContactNumber
from screenpop.domain.errors import ConfigurationError
from screenpop.domain.frozen import frozen
from screenpop.domain.json_fields import storable
from screenpop.lookup.sources.ldap.filters import is_filter
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Mapping

    from screenpop.lookup.sources.ldap.entries import Entry

NUMBER_ATTRIBUTES: Final = (
    "telephoneNumber, mobile, homePhone, ipPhone, otherTelephone, otherMobile, "
    "otherHomePhone, otherIpPhone"
)
_LABELS: Final = {
    "telephonenumber": "work",
    "mobile": "mobile",
    "homephone": "home",
    "ipphone": "internal",
    "othertelephone": "work",
    "othermobile": "mobile",
    "otherhomephone": "home",
    "otheripphone": "internal",
}
# RFC 4512 section 1.4: a short name or a dotted number.
_ATTRIBUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)+")
_PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")
_LONGEST_TEXT: Final = 500
_MOST_VALUES: Final = 20


@frozen(kw_only=True)
class Shape:
    """Which attributes of an entry say what.

    Attributes:
        wanted: What every result must fit as well; "" for anything.
        link: Address of a person's page, with ``{attribute}`` placeholders; may be "".
    """

    numbers: tuple[str, ...]
    names: tuple[str, ...]
    companies: tuple[str, ...]
    titles: tuple[str, ...]
    mails: tuple[str, ...]
    wanted: str
    link: str

    @classmethod
    def of(cls, options: Mapping[str, str]) -> Shape:
        """The shape that the settings describe.

        Raises:
            ConfigurationError: One of them cannot be used.
        """
        wanted = options.get("filter", "").strip()
        if wanted and not is_filter(wanted):
            raise ConfigurationError(
                tr("The setting filter is no search filter"),
                tr("It should look like (objectClass=person)."),
            )
        link = options.get("link_template", "").strip()
        if link and not link.startswith("https://"):
            raise ConfigurationError(
                tr("The setting link_template must start with https://")
            )
        for name in _PLACEHOLDER.findall(link):
            _checked(name, "link_template")
        return cls(
            numbers=_names(options, "number_attributes", NUMBER_ATTRIBUTES),
            names=_names(options, "name_attributes", "displayName, cn"),
            companies=_names(options, "company_attributes", "company, o"),
            titles=_names(options, "title_attributes", "title"),
            mails=_names(options, "mail_attributes", "mail"),
            wanted=wanted,
            link=link,
        )

    @property
    def all(self) -> tuple[str, ...]:
        """Every attribute to read."""
        groups = (self.numbers, self.names, self.companies, self.titles, self.mails)
        names = [name for group in groups for name in group]
        return tuple(dict.fromkeys([*names, *_PLACEHOLDER.findall(self.link)]))

    def contact(self, entry: Entry, source: str) -> Contact | None:
        """The entry as a contact; None without a name and a company."""
        name, company = _first(entry, self.names), _first(entry, self.companies)
        if not (name or company):
            return None
        return Contact(
            source=source,
            source_id=storable(entry.dn)[:_LONGEST_TEXT],
            name=name,
            company=company,
            job_title=_first(entry, self.titles),
            numbers=tuple(
                ContactNumber(raw, label=_LABELS.get(attribute.casefold(), ""))
                for attribute in self.numbers
                for raw in _texts(entry, attribute)
            )[:_MOST_VALUES],
            emails=tuple(
                mail for attribute in self.mails for mail in _texts(entry, attribute)
            )[:_MOST_VALUES],
            url=self._page(entry),
        )

    def _page(self, entry: Entry) -> str:
        """The person's page; "" when the entry lacks what the address is made of."""
        values = {
            name: _first(entry, (name,)) for name in _PLACEHOLDER.findall(self.link)
        }
        if not all(values.values()):
            return ""
        return _PLACEHOLDER.sub(
            lambda found: quote(values[found.group(1)], safe=""), self.link
        )


def _names(options: Mapping[str, str], option: str, default: str) -> tuple[str, ...]:
    given = (options.get(option, "").strip() or default).split(",")
    return tuple(_checked(name.strip(), option) for name in given if name.strip())


def _checked(name: str, option: str) -> str:
    if not _ATTRIBUTE.fullmatch(name):
        raise ConfigurationError(
            tr(
                "The setting {option} holds something that is no attribute",
                option=option,
            ),
            tr("Write attributes with commas: telephoneNumber,mobile."),
        )
    return name


def _first(entry: Entry, attributes: tuple[str, ...]) -> str:
    texts = (text for name in attributes for text in _texts(entry, name))
    return next(texts, "")


def _texts(entry: Entry, attribute: str) -> list[str]:
    values = entry.values.get(attribute.casefold(), ())[:_MOST_VALUES]
    texts = (
        storable(value.decode("utf-8", "replace")).strip()[:_LONGEST_TEXT]
        for value in values
    )
    return [text for text in texts if text]
