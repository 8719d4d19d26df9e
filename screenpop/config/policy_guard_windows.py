"""Who may write to a file on Windows, by its owner and access list.

Ordinary users may make folders in ``ProgramData``; one that they made is theirs.
"""

from __future__ import annotations

import sys
from typing import Final

if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes
    from pathlib import Path

    _SE_FILE_OBJECT: Final = 1
    _OWNER_AND_DACL: Final = 0x1 | 0x4
    # WELL_KNOWN_SID_TYPE of winnt.h.
    _EVERYBODY: Final = 1  # WinWorldSid
    _SIGNED_IN: Final = 17  # WinAuthenticatedUserSid
    _USERS: Final = 27  # WinBuiltinUsersSid
    _OF_ADMINISTRATORS: Final = (22, 26)  # WinLocalSystemSid, …AdministratorsSid
    _TRUSTED_INSTALLER: Final = (
        "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"
    )
    # Write or append data, delete, change the access list or the owner.
    _WRITING: Final = 0x2 | 0x4 | 0x10000 | 0x40000 | 0x80000
    # Of a folder further up: delete what is in it, too. Everybody may add to
    # ``ProgramData``, which puts nothing in the place of what is there.
    _REPLACING: Final = 0x40 | 0x10000 | 0x40000 | 0x80000
    _EVERYTHING: Final = _WRITING | _REPLACING
    _LONGEST_SID: Final = 68

    class _Trustee(ctypes.Structure):
        _fields_ = (
            ("more", ctypes.c_void_p),
            ("operation", ctypes.c_int),
            ("form", ctypes.c_int),
            ("kind", ctypes.c_int),
            ("name", ctypes.c_void_p),
        )

    def users_may_write(path: Path, *, is_above: bool = False) -> bool:
        """Whether anybody but administrators may, or it cannot be told.

        Args:
            path: A file or folder.
            is_above: It is a folder further up, whose folder in between is asked, too:
                only who could replace that one counts.
        """
        wanted = _REPLACING if is_above else _WRITING
        advapi = ctypes.windll.advapi32
        owner, dacl = ctypes.c_void_p(), ctypes.c_void_p()
        descriptor = ctypes.c_void_p()
        failed = advapi.GetNamedSecurityInfoW(
            str(path),
            _SE_FILE_OBJECT,
            _OWNER_AND_DACL,
            ctypes.byref(owner),
            None,
            ctypes.byref(dacl),
            None,
            ctypes.byref(descriptor),
        )
        if failed:
            return True
        try:
            if not dacl.value or not _is_administrators(owner):
                return True
            groups = (_EVERYBODY, _SIGNED_IN, _USERS)
            return any(_rights(dacl, group) & wanted for group in groups)
        finally:
            ctypes.windll.kernel32.LocalFree(descriptor)

    def _is_administrators(owner: ctypes.c_void_p) -> bool:
        advapi = ctypes.windll.advapi32
        if any(advapi.IsWellKnownSid(owner, known) for known in _OF_ADMINISTRATORS):
            return True
        text = wintypes.LPWSTR()
        if not advapi.ConvertSidToStringSidW(owner, ctypes.byref(text)):
            return False
        try:
            return text.value == _TRUSTED_INSTALLER
        finally:
            ctypes.windll.kernel32.LocalFree(text)

    def _rights(dacl: ctypes.c_void_p, group: int) -> int:
        """What an access list grants a group; everything where it cannot be told."""
        advapi = ctypes.windll.advapi32
        sid = ctypes.create_string_buffer(_LONGEST_SID)
        size = wintypes.DWORD(_LONGEST_SID)
        if not advapi.CreateWellKnownSid(group, None, sid, ctypes.byref(size)):
            return _EVERYTHING
        trustee = _Trustee()
        advapi.BuildTrusteeWithSidW(ctypes.byref(trustee), sid)
        mask = wintypes.DWORD()
        failed = advapi.GetEffectiveRightsFromAclW(
            dacl, ctypes.byref(trustee), ctypes.byref(mask)
        )
        return _EVERYTHING if failed else mask.value
