"""The one-time code by which a computer joins a team.

``https://pop.example.com/enrol#k3v9…``: where the team's relay is, and 128 random bits
after the "#". It looks like a link, and a browser that somebody pastes it into does not
send what stands after the "#".
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from typing import Final

from screenpop.domain.errors import UsageError
from screenpop.domain.frozen import frozen
from screenpop.domain.privacy import Secret
from screenpop.domain.service_address import ServiceAddress
from screenpop.wording import tr

ENROL_PATH: Final = "/enrol"
RENEW_PATH: Final = "/enrol/renew"
LEAVE_PATH: Final = "/enrol/leave"
_TOKEN_BYTES: Final = 16
_TOKEN: Final = re.compile(r"[a-z2-7]{26}")
_LONGEST: Final = 2000


@frozen
class EnrolmentCode:
    """A code, taken apart.

    Attributes:
        relay_url: Where the relay is, without a trailing slash.
        token: What makes it valid once.
    """

    relay_url: str
    token: Secret

    @classmethod
    def fresh(cls, relay_url: str) -> EnrolmentCode:
        """A code that nobody has had."""
        raw = secrets.token_bytes(_TOKEN_BYTES)
        token = base64.b32encode(raw).decode().rstrip("=").lower()
        return cls(relay_url.rstrip("/"), Secret(token))

    @classmethod
    def read(cls, text: str) -> EnrolmentCode:
        """The code that somebody typed or pasted.

        Raises:
            UsageError: It is none.
        """
        # Mail programs break long lines.
        text = "".join(text.split())
        url, _, token = text.partition("#")
        base = url.removesuffix(ENROL_PATH)
        is_whole = base != url and len(text) <= _LONGEST
        if not is_whole or not _TOKEN.fullmatch(token.lower()):
            raise UsageError(
                tr("This is not a whole enrolment code"),
                tr(
                    "Copy all of it: it begins with https:// and has 26 letters and "
                    "digits after the #."
                ),
            )
        ServiceAddress.checked(base)
        return cls(base, Secret(token.lower()))

    def text(self) -> Secret:
        """The code as it is handed to people."""
        return Secret(f"{self.relay_url}{ENROL_PATH}#{self.token.reveal()}")


def digest_of(token: str) -> str:
    """What the relay knows a token by; of 128 random bits no more is needed."""
    return hashlib.sha256(token.encode()).hexdigest()
