"""Many contacts at once, column by column.

A file of contacts comes by the million. What has to be done to each name can be done to
thousands of them in one go, which costs a tenth, as long as they stand in one list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from screenpop.domain.contacts import Contact, ContactNumber
from screenpop.domain.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

NumberTexts: TypeAlias = tuple[str, str, str]
"""A number as in ``ContactNumber``: as written, in E.164 or "", what it is called."""


@frozen(kw_only=True)
class ContactColumns:
    """The same contacts in every column, in the same order; see ``Contact``.

    Attributes:
        source_ids: "" for one that has none.
    """

    source_ids: Sequence[str]
    names: Sequence[str]
    companies: Sequence[str]
    job_titles: Sequence[str]
    numbers: Sequence[Sequence[NumberTexts]]
    emails: Sequence[Sequence[str]]
    urls: Sequence[str]
    updated_at: Sequence[datetime | None]

    def __len__(self) -> int:
        return len(self.source_ids)

    @classmethod
    def of(cls, contacts: Sequence[Contact]) -> ContactColumns:
        """The columns of these, of whatever source."""
        return cls(
            source_ids=[each.source_id for each in contacts],
            names=[each.name for each in contacts],
            companies=[each.company for each in contacts],
            job_titles=[each.job_title for each in contacts],
            numbers=[
                [(one.raw, one.e164, one.label) for one in each.numbers]
                for each in contacts
            ],
            emails=[each.emails for each in contacts],
            urls=[each.url for each in contacts],
            updated_at=[each.updated_at for each in contacts],
        )

    def contacts(self, source: str) -> Iterator[Contact]:
        """Each of them, as one of ``source``."""
        rows = zip(
            self.source_ids,
            self.names,
            self.companies,
            self.job_titles,
            self.numbers,
            self.emails,
            self.urls,
            self.updated_at,
            strict=True,
        )
        for source_id, name, company, title, numbers, emails, url, at in rows:
            yield Contact(
                source=source,
                source_id=source_id,
                name=name,
                company=company,
                job_title=title,
                numbers=tuple(ContactNumber(*each) for each in numbers),
                emails=tuple(emails),
                url=url,
                updated_at=at,
            )
