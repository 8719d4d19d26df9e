"""A secret that a vendor handed to the relay, on its way to one computer.

It travels in the answer to ``POST /enrol/renew``, sealed for the key that was made on
that computer: neither the web server in front nor a proxy on the way reads it, and the
broker never has it but sealed with the relay's own key. On the broker a desk is only
told that there is something to ask for.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, cast

from screenpop.domain.frozen import frozen
from screenpop.domain.privacy import Secret
from screenpop.relay.identity.nkey import sealed_for

if TYPE_CHECKING:
    from screenpop.relay.identity.nkey import KeyPair

MOST_HANDED: Final = 64
_LONGEST_NAME: Final = 200
_LONGEST_SEALED: Final = 16_000


@frozen(kw_only=True)
class HandedSecret:
    """One of them.

    Attributes:
        name: What the adapter calls it.
        sealed: For one computer.
    """

    account_id: str
    name: str
    sealed: bytes

    @classmethod
    def of(
        cls, public_key: str, account_id: str, name: str, secret: Secret
    ) -> HandedSecret:
        """Seal one for the computer that has the other half of ``public_key``.

        Raises:
            ValueError: That is no key.
        """
        text = json.dumps([account_id, name, secret.reveal()])
        sealed = sealed_for(public_key, text.encode())
        return cls(account_id=account_id, name=name, sealed=sealed)

    def open(self, key: KeyPair) -> Secret | None:
        """The secret; None when it was sealed for another key, account or name."""
        opened = key.open_sealed(self.sealed)
        try:
            found = None if opened is None else json.loads(opened)
        except ValueError:
            return None
        match found:
            case [self.account_id, self.name, str(text)] if text:
                return Secret(text)
        return None

    def to_record(self) -> Mapping[str, str]:
        """As it is written in a grant."""
        sealed = base64.b64encode(self.sealed).decode()
        return {"account": self.account_id, "name": self.name, "sealed": sealed}


def handed_from(value: object) -> tuple[HandedSecret, ...]:
    """Those of a grant.

    Raises:
        LookupError: They cannot be read; also the next two.
        TypeError: As above.
        ValueError: As above.
    """
    if not isinstance(value, list) or len(value) > MOST_HANDED:
        raise TypeError("handed")
    return tuple(map(_handed, cast("list[object]", value)))


def _handed(value: object) -> HandedSecret:
    if not isinstance(value, dict):
        raise TypeError("handed")
    found = cast("Mapping[str, object]", value)
    return HandedSecret(
        account_id=_text(found["account"], _LONGEST_NAME),
        name=_text(found["name"], _LONGEST_NAME),
        sealed=base64.b64decode(_text(found["sealed"], _LONGEST_SEALED), validate=True),
    )


def _text(value: object, longest: int) -> str:
    if not isinstance(value, str) or len(value) > longest:
        raise TypeError("text")
    return value
