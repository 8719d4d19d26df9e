"""People, ours and the phone systems': search, edit, import, forget."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from screenpop.domain.contacts import Contact, ContactNumber
from screenpop.domain.errors import NotFound, ScreenpopError, UsageError
from screenpop.domain.frozen import frozen
from screenpop.domain.numbering_plans import plan_of, plan_of_region
from screenpop.domain.numbers import national_significant, read_number
from screenpop.providers.protocol import SupportsContactEditing, SupportsContactSearch
from screenpop.services.caller_lookup import LOCAL_LABEL
from screenpop.services.clock import utc_now
from screenpop.services.import_process import ImportProcess
from screenpop.services.import_worker import ImportJob, ImportReport
from screenpop.wording import tr, tr_marked

if TYPE_CHECKING:
    from screenpop.domain.contacts import ContactDraft, ContactKey
    from screenpop.domain.numbers import PhoneNumber
    from screenpop.lookup.contact_files import FileContents
    from screenpop.lookup.csv_columns import ColumnGuess
    from screenpop.services.clock import Clock
    from screenpop.services.connections import Connection, Connections
    from screenpop.store.contacts import LocalContacts

__all__ = ["LOCAL", "ContactBook", "ContactHit", "ImportReport"]

LOCAL: Final = "local"
SEARCH_SECONDS: Final = 5.0
_PAGE: Final = 100
_log = logging.getLogger(__name__)


@frozen
class ContactHit:
    """A contact that was found, and where.

    Attributes:
        source_label: Its source's name for the user.
        can_edit: ``update`` and ``delete`` work on it.
    """

    contact: Contact
    source_label: str
    can_edit: bool


class ContactBook:
    """All contacts that can be reached, each in the source it belongs to.

    Methods raise ``StoreError`` for the local ones, and ``ProviderError`` and its kin
    for those of an account.
    """

    def __init__(
        self,
        *,
        local: LocalContacts,
        connections: Connections,
        database_file: Path,
        region: str,
        changed: Callable[[tuple[PhoneNumber, ...]], None] = lambda _: None,
        forgotten: Callable[[PhoneNumber], None] = lambda _: None,
        clock: Clock = utc_now,
    ) -> None:
        """Nothing is read yet.

        Args:
            local: The contacts on this computer.
            connections: The accounts; those that keep contacts are asked too.
            database_file: Where the process that imports files finds the database.
            region: In which to read numbers without a country code.
            changed: Told of the numbers whose owner may have changed; of none when it
                may be anybody's.
            forgotten: Told of a number of which nothing is left on the disk.
            clock: What time it is, for the age of what the user types.
        """
        self._clock = clock
        self._forgotten = forgotten
        self._local = local
        self._connections = connections
        self._database_file = database_file
        self._region = region
        self._changed = changed

    # --- finding ---------------------------------------------------------------------

    async def search(
        self,
        text: str,
        limit: int = 50,
        *,
        account_id: str = "",
        on_problem: Callable[[str, str], None] | None = None,
    ) -> tuple[ContactHit, ...]:
        """Contacts whose name, company or number fits, ours first.

        A source that fails or takes too long is left out.

        Args:
            text: As typed.
            limit: How many at most.
            account_id: Ask only this account; "local" for this computer only.
            on_problem: Told which source was left out, by its label, and why.
        """
        found: list[ContactHit] = []
        if account_id in ("", LOCAL):
            known = self._local.search(
                text, limit=limit, number_prefixes=number_prefixes(text, self._region)
            )
            found += [self._hit(contact) for contact in known]
        asked = [
            connection
            for connection in self._asked(account_id)
            if connection.able(SupportsContactSearch) is not None
        ]
        answers = await asyncio.gather(
            *(self._search_in(each, text, limit, on_problem) for each in asked)
        )
        seen = {(hit.contact.source, hit.contact.source_id) for hit in found}
        for contact in (one for answer in answers for one in answer):
            if (contact.source, contact.source_id) not in seen:
                seen.add((contact.source, contact.source_id))
                found.append(self._hit(contact))
        return tuple(found[:limit])

    async def get(self, source: str, source_id: str) -> Contact:
        """One contact.

        Raises:
            NotFound: The source has none of that id.
        """
        connection = self._connections.find(source)
        if connection is not None:
            keeper = connection.ability(SupportsContactSearch)
            return await keeper.get_contact(source_id)
        found = self._local.get(source, source_id)
        if found is None:
            raise NotFound(
                tr("There is no such contact"),
                tr("`screenpop contacts search` lists ids."),
            )
        return found

    # --- changing --------------------------------------------------------------------

    def writable_sources(self) -> tuple[tuple[str, str], ...]:
        """Key and label of every source that takes contacts, this computer first."""
        accounts = (
            (each.account_id, each.label)
            for each in self._connections.all()
            if each.able(SupportsContactEditing) is not None
        )
        return ((LOCAL, tr_marked(LOCAL_LABEL)), *accounts)

    async def create(self, draft: ContactDraft, source: str = LOCAL) -> Contact:
        """Add a contact to a source.

        Raises:
            UsageError: The draft has no name or no number, or there is no such source.
        """
        _check(draft)
        if source == LOCAL:
            made = await self._save(self._of_draft(draft, Contact(source=LOCAL)))
        else:
            made = await self._editor(source).create_contact(draft)
        self._tell(made)
        return made

    async def update(self, contact: Contact, draft: ContactDraft) -> Contact:
        """Overwrite a contact.

        Raises:
            UsageError: The draft has no name or no number.
        """
        _check(draft)
        if self._connections.find(contact.source) is None:
            changed = await self._save(self._of_draft(draft, contact))
        else:
            editor = self._editor(contact.source)
            changed = await editor.update_contact(contact.source_id, draft)
            await self._refresh_copy(changed)
        await self._rename(contact, changed)
        self._tell(contact, changed)
        return changed

    async def delete(self, contact: Contact) -> None:
        """Remove a contact; one that is already gone is fine."""
        if self._connections.find(contact.source) is not None:
            await self._editor(contact.source).delete_contact(contact.source_id)
        gone = self._local.delete(contact.source, contact.source_id)
        await asyncio.wrap_future(gone)
        self._tell(contact)

    # --- a file of them --------------------------------------------------------------

    async def inspect_file(self, path: Path) -> FileContents:
        """What a file of contacts holds: columns, or vCards.

        Raises:
            ImportFailed: It cannot be read, or holds no contacts.
        """
        from screenpop.lookup.contact_files import inspect_file

        return await asyncio.to_thread(inspect_file, path, self._region)

    async def import_file(
        self,
        path: Path,
        guess: ColumnGuess | None,
        on_progress: Callable[[int], None],
        should_stop: Callable[[], bool] | None = None,
    ) -> ImportReport:
        """Take the contacts of a file in, all of them or none.

        Those that are there already are renewed. The work is done by a process of its
        own; cancelling ends it and leaves everything as it was. One that was ended,
        in whatever way, is simply started again.

        Args:
            path: The file.
            guess: What its columns hold; None for a file of vCards.
            on_progress: Gets the number of contacts so far, on the loop's thread.
            should_stop: Asked now and then; True ends the import.

        Raises:
            ImportFailed: The file cannot be read, or nothing could be stored.
        """
        loop = asyncio.get_running_loop()
        job = ImportJob(
            database_file=self._database_file,
            path=path,
            region=self._region,
            guess=guess,
        )

        def tell(count: int) -> None:
            loop.call_soon_threadsafe(on_progress, count)

        worker = ImportProcess(job)
        running = loop.run_in_executor(None, worker.run, tell, should_stop)
        try:
            report = await asyncio.shield(running)
        except asyncio.CancelledError:
            worker.stop()
            await asyncio.wait([running])
            raise
        self._changed(())
        return report

    # --- a copy of theirs ------------------------------------------------------------

    def syncable_accounts(self) -> tuple[str, ...]:
        """The ids of accounts that keep contacts."""
        return tuple(
            each.account_id
            for each in self._connections.all()
            if each.able(SupportsContactSearch) is not None
        )

    async def sync(self, account_id: str) -> int:
        """Copy all contacts of an account here, so that they are found at once.

        They take the place of the copy from before, all together or not at all.

        Returns:
            How many there are.

        Raises:
            NotOffered: The account keeps no contacts.
        """
        from screenpop.store.contact_copy import copy_of

        connection = self._connections.get(account_id)
        keeper = connection.ability(SupportsContactSearch)
        copy = copy_of(self._local, account_id, connection.label)
        await asyncio.to_thread(copy.begin)
        try:
            seen: set[str] = set()
            has_next = True
            while has_next:
                page = await keeper.search_contacts("", offset=len(seen), limit=_PAGE)
                fresh = [each for each in page.contacts if each.source_id not in seen]
                seen.update(each.source_id for each in fresh)
                await asyncio.to_thread(copy.add_batch, fresh)
                # A vendor that knows no offset would give the same page for ever.
                has_next = page.has_next and bool(fresh)
        except BaseException:
            await asyncio.to_thread(copy.abandon)
            raise
        count = (await asyncio.to_thread(copy.finish)).contacts
        self._changed(())
        return count

    async def _refresh_copy(self, contact: Contact) -> None:
        if self._local.get(contact.source, contact.source_id) is not None:
            await self._save(contact)

    # --- forgetting ------------------------------------------------------------------

    async def forget(self, number: str) -> int:
        """Remove every trace of a number from this computer; how many there were.

        That is its contacts, calls with their notes, dials, what vendors delivered
        about it, and what the user said of it. What a phone system keeps itself is
        left there.

        Raises:
            UsageError: It cannot be read as a number.
        """
        read = read_number(number, self._region)
        if not read.key:
            raise UsageError(
                tr("That cannot be read as a phone number"),
                tr("Write it with its country code, such as +44 …"),
            )
        holders = 0
        entries: list[ContactKey] = []
        if read.e164:
            known = self._local.match_number(read.e164)
            entries = [match.contact.key for match in known if match.is_sure]
            holders = await asyncio.wrap_future(self._local.forget(read.e164))
        traces = await asyncio.to_thread(self._forget_traces, read, entries)
        self._changed((read,))
        self._forgotten(read)
        return holders + traces

    def _forget_traces(self, number: PhoneNumber, entries: list[ContactKey]) -> int:
        from screenpop.store.forgetting import forget_party, forget_sayings

        said = forget_sayings(self._local, number.key, entries)
        plan = plan_of(number.e164)
        counts = forget_party(
            self._local,
            number.e164 or number.extension or number.sip.casefold(),
            calling_code=plan.calling_code if plan else "",
            national=national_significant(number.e164),
        )
        told = counts.deliveries + counts.calls + counts.dials + counts.lost_callers
        return said + told + counts.mentions

    # --- shared ----------------------------------------------------------------------

    def _asked(self, account_id: str) -> tuple[Connection, ...]:
        if account_id == LOCAL:
            return ()
        if account_id:
            return (self._connections.get(account_id),)
        return self._connections.all()

    async def _search_in(
        self,
        connection: Connection,
        text: str,
        limit: int,
        on_problem: Callable[[str, str], None] | None,
    ) -> tuple[Contact, ...]:
        keeper = connection.ability(SupportsContactSearch)
        try:
            async with asyncio.timeout(SEARCH_SECONDS):
                page = await keeper.search_contacts(text, limit=min(limit, _PAGE))
        except ScreenpopError as error:
            problem = error.title
        except TimeoutError:
            problem = tr(
                "no answer within {count} seconds", count=f"{SEARCH_SECONDS:g}"
            )
        else:
            return page.contacts
        _log.info("no contacts from %s: %s", connection.account_id, problem)
        if on_problem is not None:
            on_problem(connection.label, problem)
        return ()

    def _hit(self, contact: Contact) -> ContactHit:
        connection = self._connections.find(contact.source)
        if connection is None:
            label = (
                tr_marked(LOCAL_LABEL) if contact.source == LOCAL else contact.source
            )
            return ContactHit(contact, label, can_edit=True)
        can_edit = connection.able(SupportsContactEditing) is not None
        return ContactHit(contact, connection.label, can_edit)

    def _editor(self, account_id: str) -> SupportsContactEditing:
        return self._connections.get(account_id).ability(SupportsContactEditing)

    async def _save(self, contact: Contact) -> Contact:
        return await asyncio.wrap_future(self._local.save(contact))

    def _of_draft(self, draft: ContactDraft, present: Contact) -> Contact:
        """The contact with everything a draft can say; labels of numbers stay."""
        labels = {each.e164 or each.raw: each.label for each in present.numbers}
        numbers = []
        for raw in draft.numbers:
            e164 = read_number(raw, self._region).e164
            numbers.append(ContactNumber(raw, e164, labels.get(e164 or raw, "")))
        return replace(
            present,
            name=f"{draft.first_name} {draft.last_name}".strip(),
            company=draft.company,
            job_title=draft.job_title,
            numbers=tuple(numbers),
            emails=draft.emails,
            url=draft.website or present.url,
            updated_at=self._clock(),
        )

    async def _rename(self, before: Contact, after: Contact) -> None:
        """Calls that were taken for somebody are still theirs under another name."""
        from screenpop.store.renaming import rename_matches

        renamed = rename_matches(self._local, before, after)
        if renamed is not None:
            await asyncio.wrap_future(renamed)

    def _tell(self, *contacts: Contact) -> None:
        told = (each.e164 or each.raw for one in contacts for each in one.numbers)
        numbers = tuple(read_number(each, self._region) for each in dict.fromkeys(told))
        if numbers:
            self._changed(numbers)


def number_prefixes(text: str, region: str) -> tuple[str, ...]:
    """How the E.164 numbers may begin that digits typed in ``region`` stand for.

    >>> number_prefixes("0655", "IT")
    ('390655',)
    """
    if any(char.isalpha() for char in text) or text.lstrip().startswith(("+", "00")):
        return ()
    digits = "".join(char for char in text if char.isascii() and char.isdigit())
    plan = plan_of_region(region)
    if plan is None or not digits:
        return ()
    if digits[0] in plan.trunk_digits:
        return (plan.calling_code + digits[1:],) if digits[1:] else ()
    return (plan.calling_code + digits,)


def _check(draft: ContactDraft) -> None:
    if not (draft.first_name or draft.last_name or draft.company):
        raise UsageError(tr("The contact has no name"), tr("Give a name or a company."))
    if not any(number.strip() for number in draft.numbers):
        raise UsageError(tr("The contact has no number"), tr("Give at least one."))
