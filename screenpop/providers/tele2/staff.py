"""The employees of the phone system, read now and then, and which of them is ours."""

from __future__ import annotations

import json
import logging
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import (
    PayloadError,
    ProviderError,
    RequestRejected,
    SecretError,
    SecretMissing,
)
from screenpop.domain.json_fields import FieldReader, read_json
from screenpop.domain.numbers import read_number
from screenpop.domain.privacy import Secret
from screenpop.providers.tele2.client import SERVICE
from screenpop.providers.tele2.directory_payloads import read_employee
from screenpop.providers.tele2.own_employee import OwnEmployee
from screenpop.providers.tele2.payloads import is_id
from screenpop.providers.tele2.requests import EMPLOYEES
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from screenpop.providers.protocol import ProviderContext
    from screenpop.providers.tele2.client import SmartMexClient
    from screenpop.providers.tele2.directory_payloads import EmployeePayload

_log = logging.getLogger(__name__)

KEPT_SECONDS: Final = 600.0
# Kept beside the key, for there is no other place of ours that lasts; it is no secret.
EMPLOYEE_NAME: Final = "own_employee"


class Staff:
    """Finds the employee that the setting ``extension`` names.

    Events name employees by id. Where the setting is a phone number, the id is looked
    up once and kept, so that even the first event after a start is known as ours.
    """

    def __init__(
        self,
        client: SmartMexClient,
        context: ProviderContext,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Remember whom to ask; nothing is asked yet."""
        self._client = client
        self._context = context
        self._monotonic = monotonic
        self._employees: tuple[EmployeePayload, ...] = ()
        self._read_at: float | None = None
        self._tried_at: float | None = None
        self._is_kept = False
        self.own = OwnEmployee(
            extension=context.extension.strip(), region=context.region
        )

    async def restore(self) -> None:
        """Take up the id that an earlier run found.

        Raises:
            SecretError: The keychain does not open.
        """
        try:
            kept = await self._context.read_secret(EMPLOYEE_NAME)
            value = read_json(kept.reveal().encode()).value
        except (SecretMissing, PayloadError):
            return
        fields = FieldReader(value if isinstance(value, dict) else {})
        if self.own.extension and fields.text("extension") == self.own.extension:
            self.own = replace(self.own, contact_id=fields.text("contact_id"))
            self._is_kept = bool(self.own.contact_id)

    async def all(self, *, is_urgent: bool = False) -> tuple[EmployeePayload, ...]:
        """Every employee who is not archived, as of the last ten minutes.

        Args:
            is_urgent: Somebody wants to dial.
        """
        await self._client.ready()
        now = self._monotonic()
        if self._read_at is None or now - self._read_at > KEPT_SECONDS:
            items = await self._client.items(EMPLOYEES, {}, is_urgent=is_urgent)
            found = map(read_employee, items)
            self._employees = tuple(one for one in found if not one.is_archived)
            self._read_at = now
            self._recognise()
        return self._employees

    async def learn(self) -> None:
        """Find out our own id, if it takes that.

        A phone system that keeps its employees from us leaves us with the numbers that
        calls tell.

        Raises:
            SecretError: The keychain gives no key.
        """
        own = self.own
        if not own.extension or self._is_kept or not self._is_number(own.extension):
            return
        if own.contact_id:
            await self._keep()
            return
        now = self._monotonic()
        if self._tried_at is not None and now - self._tried_at < KEPT_SECONDS:
            return
        self._tried_at = now
        try:
            await self.all()
        except (ProviderError, PayloadError) as error:
            _log.info("the employees cannot be read: %s", error.title)
            return
        if self.own.contact_id:
            await self._keep()
        else:
            _log.info("no employee has the number that the account is set to")

    async def contact_id(self, extension: str) -> str:
        """The id of the employee whose number or id ``extension`` is.

        Raises:
            RequestRejected: There is none.
        """
        await self._client.ready()
        if extension == self.own.extension and self.own.contact_id:
            return self.own.contact_id
        if is_id(extension) and not self._is_number(extension):
            return extension
        for employee in await self.all(is_urgent=True):
            if self._is_called(employee, extension):
                return employee.contact_id
        raise RequestRejected(
            tr(
                "{service} knows no employee by what the account is set to",
                service=SERVICE,
            ),
            tr(
                "Choose yourself among the phone system's users in the account's "
                "settings."
            ),
        )

    def _recognise(self) -> None:
        own = self.own
        for employee in self._employees:
            if own.extension and self._is_called(employee, own.extension):
                self.own = replace(own, contact_id=employee.contact_id)
                return

    async def _keep(self) -> None:
        self._is_kept = True
        text = json.dumps(
            {"extension": self.own.extension, "contact_id": self.own.contact_id}
        )
        try:
            await self._context.write_secret(EMPLOYEE_NAME, Secret(text))
        except SecretError as error:
            _log.info("the own employee is not kept: %s", error.title)

    def _is_called(self, employee: EmployeePayload, extension: str) -> bool:
        if not is_id(employee.contact_id):
            return False
        if employee.contact_id == extension:
            return True
        wanted = read_number(extension, self._context.region).e164
        number = read_number(employee.number, self._context.region).e164
        return wanted != "" and wanted == number

    def _is_number(self, text: str) -> bool:
        return bool(read_number(text, self._context.region).e164)
