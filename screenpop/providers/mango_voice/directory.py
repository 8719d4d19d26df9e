"""Who works here, as the account's options say: Mango Voice asks us, not we it."""

from __future__ import annotations

import re
from typing import Final

from screenpop.domain.frozen import frozen

_ENTRY: Final = re.compile(
    r"\s*(?P<id>[^=<>\s][^=<>]*?)\s*=\s*(?P<name>[^<>]*?)\s*(?:<\s*(?P<email>[^<>]*?)\s*>)?\s*"
)


@frozen
class ActiveUser:
    """Somebody with a phone.

    Attributes:
        user_id: What Mango Voice is told as the id; best the extension.
    """

    user_id: str
    name: str = ""
    email: str = ""


@frozen
class Directory:
    """Everybody the account's owner named."""

    users: tuple[ActiveUser, ...] = ()

    @classmethod
    def read(cls, text: str) -> Directory:
        """Read ``101=Amelia Hart <amelia@example.com>, 102=…``.

        Entries are parted by commas, semicolons or line ends; what is no entry is
        passed over, for a slip in one must not hide the others.
        """
        found = (_ENTRY.fullmatch(entry) for entry in re.split(r"[,;\n]", text))
        users = [
            ActiveUser(each["id"], each["name"], each["email"] or "")
            for each in found
            if each is not None
        ]
        return cls(tuple({user.user_id: user for user in users}.values()))

    def find(self, *names: str) -> ActiveUser | None:
        """The first user whose id or e-mail address is one of these texts."""
        for name in names:
            wanted = name.strip().casefold()
            for user in self.users if wanted else ():
                if wanted in (user.user_id.casefold(), user.email.casefold()):
                    return user
        return None
