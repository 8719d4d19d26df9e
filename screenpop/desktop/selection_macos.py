"""The marked text on macOS: copied by the program in front, the pasteboard put back.

Sending keys to other programs needs the user's permission (Accessibility); without it
nothing is copied and the answer is that nobody knows.
"""

from __future__ import annotations

import sys

if sys.platform == "darwin":
    import asyncio
    import ctypes
    import ctypes.util
    from ctypes import c_bool, c_char_p, c_long, c_uint16, c_uint64, c_ulong, c_void_p
    from typing import Any, Final

    _C: Final = 0x08
    _COMMAND: Final = 0x100000
    _TRIES: Final = 20
    _PAUSE_SECONDS: Final = 0.02
    _LONGEST: Final = 8_192

    class _Cocoa:
        """The few messages that are sent to objects of AppKit."""

        def __init__(self) -> None:
            ctypes.CDLL(ctypes.util.find_library("AppKit"))
            self._runtime = ctypes.CDLL(ctypes.util.find_library("objc"))
            for name in ("objc_getClass", "sel_registerName"):
                function = getattr(self._runtime, name)
                function.restype, function.argtypes = c_void_p, (c_char_p,)

        def named(self, name: str) -> Any:
            """A class."""
            return self._runtime.objc_getClass(name.encode())

        def send(
            self,
            target: Any,
            message: str,
            *args: Any,
            types: tuple[Any, ...] = (),
            result: Any = c_void_p,
        ) -> Any:
            """Send a message; ``types`` are those of its arguments."""
            prototype = ctypes.CFUNCTYPE(result, c_void_p, c_void_p, *types)
            send = prototype(("objc_msgSend", self._runtime))
            return send(target, self._runtime.sel_registerName(message.encode()), *args)

        def members(self, array: Any) -> list[Any]:
            """The members of an NSArray."""
            count = self.send(array, "count", result=c_ulong)
            return [
                self.send(array, "objectAtIndex:", place, types=(c_ulong,))
                for place in range(count)
            ]

    class MacosSelectionReader:
        """Has the program in front copy, and puts back what was on the pasteboard."""

        async def read(self) -> str | None:
            """The text; "" when none is marked, None without the permission."""
            services = ctypes.CDLL(ctypes.util.find_library("ApplicationServices"))
            services.AXIsProcessTrusted.restype = c_bool
            if not services.AXIsProcessTrusted():
                return None
            cocoa = _Cocoa()
            board = cocoa.send(cocoa.named("NSPasteboard"), "generalPasteboard")
            kept = _copies(cocoa, board)
            before = cocoa.send(board, "changeCount", result=c_long)
            _press_copy(services)
            for _ in range(_TRIES):
                await asyncio.sleep(_PAUSE_SECONDS)
                if cocoa.send(board, "changeCount", result=c_long) != before:
                    break
            else:
                return ""
            text = _text(cocoa, board)
            cocoa.send(board, "clearContents", result=c_long)
            cocoa.send(board, "writeObjects:", kept, types=(c_void_p,), result=c_bool)
            return text

    def _copies(cocoa: _Cocoa, board: Any) -> Any:
        """What lies there, in all its formats; the board takes no item back itself."""
        copies = cocoa.send(cocoa.named("NSMutableArray"), "array")
        items = cocoa.send(board, "pasteboardItems")
        for item in cocoa.members(items) if items else ():
            copy = cocoa.send(
                cocoa.send(cocoa.named("NSPasteboardItem"), "new"), "self"
            )
            for kind in cocoa.members(cocoa.send(item, "types")):
                data = cocoa.send(item, "dataForType:", kind, types=(c_void_p,))
                if data:
                    cocoa.send(
                        *(copy, "setData:forType:", data, kind),
                        types=(c_void_p, c_void_p),
                        result=c_bool,
                    )
            cocoa.send(copies, "addObject:", copy, types=(c_void_p,), result=None)
        return copies

    def _text(cocoa: _Cocoa, board: Any) -> str:
        kind = cocoa.send(
            cocoa.named("NSString"),
            "stringWithUTF8String:",
            b"public.utf8-plain-text",
            types=(c_char_p,),
        )
        text = cocoa.send(board, "stringForType:", kind, types=(c_void_p,))
        content = cocoa.send(text, "UTF8String", result=c_char_p) if text else b""
        return (content or b"")[:_LONGEST].decode("utf-8", "replace")

    def _press_copy(services: ctypes.CDLL) -> None:
        services.CGEventCreateKeyboardEvent.restype = c_void_p
        services.CGEventCreateKeyboardEvent.argtypes = (c_void_p, c_uint16, c_bool)
        services.CGEventSetFlags.argtypes = (c_void_p, c_uint64)
        services.CGEventPost.argtypes = (ctypes.c_uint32, c_void_p)
        services.CFRelease.argtypes = (c_void_p,)
        for is_down in (True, False):
            event = services.CGEventCreateKeyboardEvent(None, _C, is_down)
            services.CGEventSetFlags(event, _COMMAND)
            services.CGEventPost(0, event)
            services.CFRelease(event)
