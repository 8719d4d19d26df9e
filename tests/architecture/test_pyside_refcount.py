"""Guard against a PySide6 that wears out `None`.

6.12.0 takes one reference of None with each binding call that returns it; the event
loop makes several such calls per step, and Python 3.11 then aborts with "none_dealloc".
"""

from __future__ import annotations

import sys

import pytest
from PySide6.QtCore import QObject

CALLS = 500


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal from 3.12 on")
def test_calls_that_return_none_leave_its_reference_count_alone() -> None:
    before = sys.getrefcount(None)
    for _ in range(CALLS):
        QObject().setObjectName("x")
    lost = before - sys.getrefcount(None)
    assert lost < CALLS // 10
