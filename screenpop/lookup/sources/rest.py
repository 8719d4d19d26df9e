"""Any web service that answers a number with JSON, described in the settings.

No code: a path with placeholders, a key in a header, and where in the answer the
name, the company, the numbers and the link stand. What comes back is checked like any
other source's: a record without the caller's number is no match.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from screenpop.domain.contacts import Contact, ContactNumber
from screenpop.domain.errors import ConfigurationError, NotFound, PayloadError
from screenpop.domain.json_fields import storable
from screenpop.domain.numbers import national_significant
from screenpop.lookup.manifest import SourceContext, SourceField, SourceManifest
from screenpop.lookup.source_http import Authority, KeyHeader, Nobody, SourceHttp
from screenpop.wording import marked, tr, tr_count

if TYPE_CHECKING:
    from screenpop.domain.json_fields import JsonValue
    from screenpop.domain.numbers import PhoneNumber

_PLACEHOLDER: Final = re.compile(r"\{([a-z0-9_]*)\}")
_STEP: Final = re.compile(r"([^.\[\]]+)|\[(\d{1,6})\]")
_MOST_RECORDS: Final = 50
_LONGEST_TEXT: Final = 500
_NUMBER_WORDS: Final = ("e164", "digits", "national")
_TEXT_WORDS: Final = ("text",)
_DEFAULTS: Final = {"name_path": "name", "id_path": "id"}


def json_at(value: JsonValue, path: str) -> JsonValue:
    """What stands at a path like ``data.items[0].name``; None for nothing there.

    >>> json_at({"data": [{"name": "Ana"}]}, "data[0].name")
    'Ana'
    """
    for name, index in _STEP.findall(path):
        if name:
            value = value.get(name) if isinstance(value, dict) else None
        else:
            is_there = isinstance(value, list) and int(index) < len(value)
            value = value[int(index)] if is_there and isinstance(value, list) else None
    return value


def filled(template: str, words: dict[str, str]) -> str:
    """A path with its placeholders replaced, each percent-encoded whole.

    Raises:
        ConfigurationError: It holds a placeholder that does not exist.
    """

    def replaced(found: re.Match[str]) -> str:
        if found.group(1) not in words:
            raise ConfigurationError(
                tr("There is no placeholder {{{group}}}", group=found.group(1)),
                tr(
                    "Use one of: {placeholders}.",
                    placeholders=", ".join(f"{{{word}}}" for word in words),
                ),
            )
        return quote(words[found.group(1)], safe="")

    return _PLACEHOLDER.sub(replaced, template)


class RestSource:
    """Asks one web service about a caller."""

    def __init__(self, context: SourceContext) -> None:
        """Check the description; nothing is opened yet.

        Raises:
            ConfigurationError: Address, path or template cannot be used.
        """
        self.key = context.source_id
        self.label = context.label
        self.deadline_seconds = context.deadline_seconds
        self._options = _DEFAULTS | dict(context.options)
        self._path = self._template("path", _NUMBER_WORDS)
        self._search_path = self._template("search_path", _TEXT_WORDS)
        self._link = self._template("link_template", ("id",), starts_with="https://")
        self._http = SourceHttp(
            context, service=context.label, authority=self._authority(context)
        )

    def _authority(self, context: SourceContext) -> Authority:
        header = self._options.get("key_header", "")
        if not header:
            return Nobody()
        prefix = self._options.get("key_prefix", "").strip()
        return KeyHeader(
            context,
            secret_name="key",  # noqa: S106 - the name of a secret, not one
            header=header,
            prefix=f"{prefix} " if prefix else "",
        )

    def _template(
        self, option: str, words: tuple[str, ...], *, starts_with: str = "/"
    ) -> str:
        template = self._options.get(option, "").strip()
        if template and not template.startswith(starts_with):
            raise ConfigurationError(
                tr(
                    "The setting {option} must start with {starts_with}",
                    option=option,
                    starts_with=starts_with,
                )
            )
        filled(template, dict.fromkeys(words, ""))
        return template

    async def by_number(self, number: PhoneNumber) -> tuple[Contact, ...]:
        """The records that the service gives for a number."""
        if not number.e164:
            return ()
        digits = number.e164.removeprefix("+")
        national = national_significant(number.e164)
        words = {"e164": number.e164, "digits": digits, "national": national}
        return await self._get(filled(self._path, words))

    async def by_text(self, text: str, limit: int) -> tuple[Contact, ...]:
        """The records for a text, where the settings say how to ask."""
        if not self._search_path:
            return ()
        return (await self._get(filled(self._search_path, {"text": text})))[:limit]

    async def check(self) -> str:
        """Ask for a number that nobody has."""
        words = {"e164": "+12025550199", "digits": "12025550199"}
        path = filled(self._path, {**words, "national": "2025550199"})
        found = await self._get(path)
        return tr_count(
            "It answers, with {count} record for a number that nobody has",
            "It answers, with {count} records for a number that nobody has",
            len(found),
        )

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def _get(self, path: str) -> tuple[Contact, ...]:
        try:
            reply = await self._http.request("GET", path)
        except NotFound:
            return ()
        if not reply.body.strip():
            return ()
        found = json_at(reply.json(), self._options.get("list_path", ""))
        if found is None:
            return ()
        if not isinstance(found, list | dict):
            raise PayloadError(
                tr("{label} gave no list of records", label=self.label),
                tr("Check the setting list_path."),
            )
        records = found if isinstance(found, list) else [found]
        contacts = (self._contact(record) for record in records[:_MOST_RECORDS])
        return tuple(each for each in contacts if each is not None)

    def _contact(self, record: JsonValue) -> Contact | None:
        if not isinstance(record, dict):
            return None
        name, company = (
            self._text(record, "name_path"),
            self._text(record, "company_path"),
        )
        record_id = self._text(record, "id_path")
        link = self._text(record, "link_path")
        if not link and self._link and record_id:
            link = filled(self._link, {"id": record_id})
        numbers = tuple(
            ContactNumber(raw)
            for path in self._options.get("number_paths", "").split(",")
            for raw in _texts(json_at(record, path.strip()))
            if path.strip()
        )
        if not (name or company):
            return None
        return Contact(
            source=self.key,
            source_id=record_id,
            name=name,
            company=company,
            numbers=numbers,
            url=link,
        )

    def _text(self, record: JsonValue, option: str) -> str:
        path = self._options.get(option, "")
        found = _texts(json_at(record, path)) if path else ()
        return " ".join(found)[:_LONGEST_TEXT]


def _texts(value: JsonValue) -> tuple[str, ...]:
    """The texts of a text, a number or a list of them."""
    items = value if isinstance(value, list) else [value]
    return tuple(
        storable(str(item)).strip()[:_LONGEST_TEXT]
        for item in items[:_MOST_RECORDS]
        if isinstance(item, str | int) and not isinstance(item, bool) and str(item)
    )


MANIFEST: Final = SourceManifest(
    key="rest",
    name="Web service (JSON)",
    docs_path="sources/rest.md",
    create=RestSource,
    fields=(
        SourceField(
            key="base_url",
            label=marked("Address"),
            kind="url",
            is_required=True,
            help=marked("Such as https://crm.example.com"),
        ),
        SourceField(
            key="path",
            label=marked("Path for a number"),
            is_required=True,
            help=marked("With {e164}, {digits} or {national}: /contacts?phone={e164}"),
        ),
        SourceField(
            key="search_path",
            label=marked("Path for a text"),
            help=marked("With {text}; empty when the service cannot be searched"),
        ),
        SourceField(
            key="key_header",
            label=marked("Header for the key"),
            help=marked("Such as Authorization; empty when no key is needed"),
        ),
        SourceField(
            key="key_prefix",
            label=marked("What stands before the key"),
            help=marked("Such as Bearer"),
        ),
        SourceField(key="key", label=marked("Key"), kind="secret"),
        SourceField(
            key="list_path",
            label=marked("Where the records stand"),
            help=marked("Such as data.items; empty when the answer is the list"),
        ),
        SourceField(
            key="number_paths",
            label=marked("Where a record's numbers stand"),
            is_required=True,
            help=marked("Several with commas: phone,mobile.number"),
        ),
        SourceField(
            key="name_path",
            label=marked("Where its name stands"),
            default=_DEFAULTS["name_path"],
            help=marked("Such as person.full_name"),
        ),
        SourceField(key="company_path", label=marked("Where its company stands")),
        SourceField(
            key="id_path",
            label=marked("Where its id stands"),
            default=_DEFAULTS["id_path"],
        ),
        SourceField(key="link_path", label=marked("Where its page's address stands")),
        SourceField(
            key="link_template",
            label=marked("Its page's address, made of the id"),
            kind="text",
            help=marked("With {id}: https://crm.example.com/contact/{id}"),
        ),
    ),
)
