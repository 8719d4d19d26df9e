"""AES in CBC mode by the OpenSSL that Python itself is linked to.

No padding is added or taken away, as in the original: the caller does that.
"""

from __future__ import annotations

import _hashlib
import ctypes
import ctypes.util
from functools import cache

_BLOCK_BYTES = 16
_CIPHERS = {16: "EVP_aes_128_cbc", 24: "EVP_aes_192_cbc", 32: "EVP_aes_256_cbc"}


class algorithms:  # noqa: N801 - a module of the original
    """The ciphers."""

    class AES:
        """The key of one."""

        def __init__(self, key: bytes) -> None:
            if len(key) not in _CIPHERS:
                raise ValueError(f"a key of {len(key)} bytes is none of AES")
            self.key = bytes(key)


class modes:  # noqa: N801 - a module of the original
    """The ways to chain blocks."""

    class CBC:
        """Each block depends on the one before, the first on this."""

        def __init__(self, initialization_vector: bytes) -> None:
            if len(initialization_vector) != _BLOCK_BYTES:
                raise ValueError("the first vector of AES has 16 bytes")
            self.initialization_vector = bytes(initialization_vector)


class Cipher:
    """One key with one first vector."""

    def __init__(
        self, algorithm: algorithms.AES, mode: modes.CBC, backend: None = None
    ) -> None:
        del backend
        self._key, self._vector = algorithm.key, mode.initialization_vector

    def encryptor(self) -> _Run:
        """From plain text to cipher text."""
        return _Run(self._key, self._vector, is_encrypting=True)

    def decryptor(self) -> _Run:
        """From cipher text to plain text."""
        return _Run(self._key, self._vector, is_encrypting=False)


class _Run:
    """One pass over one text.

    Raises:
        ValueError: The text does not consist of whole blocks.
        RuntimeError: OpenSSL refuses.
    """

    def __init__(self, key: bytes, vector: bytes, *, is_encrypting: bool) -> None:
        library = _openssl()
        self._library = library
        self._context = ctypes.c_void_p(library.EVP_CIPHER_CTX_new())
        cipher = ctypes.c_void_p(getattr(library, _CIPHERS[len(key)])())
        self._check(
            library.EVP_CipherInit_ex(
                self._context, cipher, None, key, vector, int(is_encrypting)
            )
        )
        self._check(library.EVP_CIPHER_CTX_set_padding(self._context, 0))

    def update(self, text: bytes) -> bytes:
        """The next piece of the other text."""
        room = ctypes.create_string_buffer(len(text) + _BLOCK_BYTES)
        length = ctypes.c_int(0)
        self._check(
            self._library.EVP_CipherUpdate(
                self._context, room, ctypes.byref(length), bytes(text), len(text)
            )
        )
        return room.raw[: length.value]

    def finalize(self) -> bytes:
        """Nothing more; but a part of a block left over is a fault."""
        room = ctypes.create_string_buffer(_BLOCK_BYTES)
        length = ctypes.c_int(0)
        done = self._library.EVP_CipherFinal_ex(
            self._context, room, ctypes.byref(length)
        )
        if done != 1:
            raise ValueError("the text does not consist of whole blocks")
        return room.raw[: length.value]

    def __del__(self) -> None:
        self._library.EVP_CIPHER_CTX_free(self._context)

    def _check(self, done: int) -> None:
        if done != 1:
            raise RuntimeError("OpenSSL refuses the cipher")


@cache
def _openssl() -> ctypes.CDLL:
    """Python's own, found as what its hash module is linked to."""
    name = getattr(_hashlib, "__file__", None) or ctypes.util.find_library("crypto")
    library = ctypes.CDLL(name)
    pointer = ctypes.c_void_p
    library.EVP_CIPHER_CTX_new.restype = pointer
    library.EVP_CIPHER_CTX_free.argtypes = [pointer]
    library.EVP_CIPHER_CTX_free.restype = None
    for cipher in _CIPHERS.values():
        getattr(library, cipher).restype = pointer
    library.EVP_CipherInit_ex.argtypes = [
        *(pointer, pointer, pointer),
        *(ctypes.c_char_p, ctypes.c_char_p, ctypes.c_int),
    ]
    length = ctypes.POINTER(ctypes.c_int)
    library.EVP_CipherUpdate.argtypes = [
        *(pointer, pointer, length),
        *(ctypes.c_char_p, ctypes.c_int),
    ]
    library.EVP_CipherFinal_ex.argtypes = [pointer, pointer, length]
    library.EVP_CIPHER_CTX_set_padding.argtypes = [pointer, ctypes.c_int]
    return library
