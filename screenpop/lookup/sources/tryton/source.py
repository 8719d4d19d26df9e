"""A Tryton database asked about each caller, by its contact mechanisms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from screenpop.domain.contacts import Contact, ContactNumber
from screenpop.domain.errors import ConfigurationError, PayloadError
from screenpop.domain.json_fields import FieldReader
from screenpop.domain.numbers import format_number, national_significant, probable_key
from screenpop.lookup.source_http import SourceHttp
from screenpop.lookup.sources.tryton.session import Session, call
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from screenpop.domain.json_fields import JsonValue
    from screenpop.domain.numbers import PhoneNumber
    from screenpop.lookup.manifest import SourceContext

_MECHANISM: Final = "party.contact_mechanism"
_PARTY: Final = "party.party"
_FIELDS: Final = ["type", "value", "name", "party", "party.rec_name"]
_NUMBER_TYPES: Final = ("phone", "mobile", "fax", "sip", "other")
_MOST_RECORDS: Final = 50
_MOST_MECHANISMS: Final = 400
_MOST_WORDS: Final = 5
_LONGEST_TEXT: Final = 500


class TrytonSource:
    """Asks one Tryton database about a caller."""

    def __init__(self, context: SourceContext) -> None:
        """Check the settings; nothing is opened yet.

        Raises:
            ConfigurationError: One of them cannot be used.
        """
        self.key = context.source_id
        self.label = context.label
        self.deadline_seconds = context.deadline_seconds
        self._region = context.region
        self._database = context.options.get("database", "").strip()
        user = context.options.get("user", "").strip()
        if not self._database or not user or ":" in user:
            raise ConfigurationError(
                tr("The settings database and user are needed"),
                tr("They are what you choose and type when you sign in to Tryton."),
            )
        self._user = user
        own = f"{context.base_url}/#{quote(self._database, safe='')}"
        page = context.options.get("link_template", "").strip()
        if page and not page.startswith("https://"):
            raise ConfigurationError(
                tr("The setting link_template must start with https://")
            )
        self._page = page or f"{own}/model/party.party/{{id}}"
        self._session = Session(context, self._database, user)
        self._http = SourceHttp(context, service=context.label, authority=self._session)

    # --- asking -----------------------------------------------------------------------

    async def by_number(self, number: PhoneNumber) -> tuple[Contact, ...]:
        """The parties with the number, as Tryton writes numbers.

        Those whose number Tryton could not read are asked for when nobody else has it.
        """
        if not number.key:
            return ()
        found = await self._mechanisms(
            ["value_compact", "in", [*self._written(number)]]
        )
        digits = probable_key(number.e164)
        if not found and digits:
            pattern = "%" + "%".join(digits)
            found = await self._mechanisms(["value_compact", "ilike", pattern])
        return await self._parties(found)

    def _written(self, number: PhoneNumber) -> Iterable[str]:
        if not number.e164:
            return (number.extension,) if number.extension else (number.sip,)
        national = national_significant(number.e164)
        at_home = format_number(number.e164, self._region)
        digits = "".join(char for char in at_home if char.isdigit())
        written = (
            number.e164,
            number.e164.removeprefix("+"),
            national,
            digits,
            at_home,
        )
        return dict.fromkeys(written)

    async def by_text(self, text: str, limit: int) -> tuple[Contact, ...]:
        """The parties whose name, code, number or address has each word."""
        words = text.split()[:_MOST_WORDS]
        if not words:
            return ()
        domain: JsonValue = [
            ["rec_name", "ilike", f"%{_literal(word)}%"] for word in words
        ]
        most = max(1, min(limit, _MOST_RECORDS))
        found = await self._read(_PARTY, domain, ["rec_name"], most)
        names = {
            each.text("id"): each.text("rec_name")[:_LONGEST_TEXT] for each in found
        }
        return await self._contacts(names, ())

    async def check(self) -> str:
        """Sign in and read one contact mechanism."""
        await self._read(_MECHANISM, [], ["type"], 1)
        return f"Signed in to {self._database} as {self._user}"

    async def aclose(self) -> None:
        """Sign out, as far as that works, and close all connections."""
        await self._session.sign_out(self._http)
        await self._http.aclose()

    async def _mechanisms(self, condition: JsonValue) -> tuple[FieldReader, ...]:
        domain: JsonValue = [condition, ["party.active", "=", True]]
        return await self._read(_MECHANISM, domain, _FIELDS, _MOST_RECORDS)

    async def _parties(self, found: Iterable[FieldReader]) -> tuple[Contact, ...]:
        """The parties of some contact mechanisms, with all that is known of them."""
        names: dict[str, str] = {}
        hits = tuple(found)
        for each in hits:
            party = each.child("party.")
            name = party.text("rec_name") if party else ""
            if each.text("party") and name:
                names.setdefault(each.text("party"), name[:_LONGEST_TEXT])
        return await self._contacts(names, hits)

    async def _contacts(
        self, names: Mapping[str, str], hits: tuple[FieldReader, ...]
    ) -> tuple[Contact, ...]:
        if not names:
            return ()
        ids: list[JsonValue] = [int(each) for each in names if each.isdigit()]
        more = await self._read(
            _MECHANISM, [["party", "in", ids]], _FIELDS, _MOST_MECHANISMS
        )
        by_party: dict[str, list[FieldReader]] = {each: [] for each in names}
        # What matched comes first, as there may be more than is read.
        for each in (*hits, *more):
            by_party.get(each.text("party"), []).append(each)
        return tuple(
            self._contact(party, name, by_party[party]) for party, name in names.items()
        )

    def _contact(self, party: str, name: str, mechanisms: list[FieldReader]) -> Contact:
        numbers: dict[str, ContactNumber] = {}
        emails: dict[str, None] = {}
        for each in mechanisms:
            value, kind = each.text("value")[:_LONGEST_TEXT], each.text("type")
            if kind in _NUMBER_TYPES and value:
                label = (each.text("name") or kind)[:_LONGEST_TEXT]
                numbers.setdefault(value, ContactNumber(value, label=label))
            elif kind == "email" and value:
                emails[value] = None
        return Contact(
            source=self.key,
            source_id=party,
            name=name,
            numbers=tuple(numbers.values())[:_MOST_RECORDS],
            emails=tuple(emails)[:_MOST_RECORDS],
            url=self._page.replace("{id}", quote(party, safe="")),
        )

    async def _read(
        self, model: str, domain: JsonValue, fields: list[str], most: int
    ) -> tuple[FieldReader, ...]:
        arguments: list[JsonValue] = [domain, 0, most, None, [*fields], {}]
        # The path is known for certain only after signing in.
        await self._session.headers()
        path, method = self._session.path, f"model.{model}.search_read"
        answer = await call(self._http, path, method, arguments)
        if not isinstance(answer, list):
            raise PayloadError(tr("{label} gave no list of records", label=self.label))
        return tuple(
            FieldReader(record) for record in answer[:most] if isinstance(record, dict)
        )


def _literal(word: str) -> str:
    """A word for ``ilike``, in which nothing stands for anything else."""
    for char in "\\%_":
        word = word.replace(char, f"\\{char}")
    return word[:_LONGEST_TEXT]
