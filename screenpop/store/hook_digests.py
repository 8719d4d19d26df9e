"""What tells a right callback address from a wrong one, without the secret in it.

The secret is 256 random bits (``config.secrets.new_hook_token``), so its SHA-256 says
nothing about it. With the digest at hand vendors can be let in while the keychain,
which has the secret itself, is still locked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from concurrent.futures import Future

    from screenpop.store.database import Database


class HookDigests:
    """The digest of each account's secret, as last seen.

    Reading raises StoreError or one of its kin; so do the futures.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, account_id: str) -> bytes:
        """The account's digest; empty when none is known."""
        row = self._database.read(
            lambda c: c.execute(
                "SELECT digest FROM hook_digests WHERE account_id = ?", (account_id,)
            ).fetchone()
        )
        return bytes(row[0]) if row else b""

    def put(self, account_id: str, digest: bytes) -> Future[None]:
        """Keep it in place of the one before."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT OR REPLACE INTO hook_digests (account_id, digest)"
                " VALUES (?, ?)",
                (account_id, digest),
            )

        return self._database.submit(work)

    def forget(self, account_id: str) -> Future[None]:
        """The account is gone."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                "DELETE FROM hook_digests WHERE account_id = ?", (account_id,)
            )

        return self._database.submit(work)
