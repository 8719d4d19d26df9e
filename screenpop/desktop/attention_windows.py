"""What Windows tells programs about being disturbed: SHQueryUserNotificationState."""

from __future__ import annotations

import sys
from typing import Final

from screenpop.desktop.attention import UNKNOWN, Attention

PRESENTATION: Final = 4
QUIET_TIME: Final = 6


def read_state(state: int) -> Attention:
    """What one of the states (QUNS_…) means.

    Focus assist and do-not-disturb of Windows 10 and 11 are not among them: no state
    but quiet time says anything of it, and none says that it is off.
    """
    return Attention(
        focus_mode=True if state == QUIET_TIME else None,
        sharing=state == PRESENTATION,
    )


if sys.platform == "win32":
    import ctypes

    from screenpop.desktop.attention import AttentionChanged

    class WindowsAttentionWatch:
        """Asks when it matters; the question takes microseconds."""

        must_be_asked = True

        async def start(self, changed: AttentionChanged) -> None:
            """Tell once; Windows does not tell of changes."""
            changed(await self.look())

        async def look(self) -> Attention:
            """Ask now."""
            state = ctypes.c_int()
            query = ctypes.WinDLL("shell32").SHQueryUserNotificationState
            return (
                read_state(state.value) if query(ctypes.byref(state)) == 0 else UNKNOWN
            )

        async def stop(self) -> None:
            """Do nothing: nothing runs."""
