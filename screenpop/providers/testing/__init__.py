"""What an adapter is tested with, inside this repository or outside of it.

It wants ``pytest``, ``pytest-asyncio`` and ``hypothesis`` and is never imported by the
program. How to use it is told in ``docs/providers.md``.
"""

from __future__ import annotations

import pytest

# So that a failed assert tells the values, as it does in a test of one's own.
pytest.register_assert_rewrite(f"{__name__}.contract")
