"""What the frozen program has in place of the package ``cryptography``, on Linux.

SecretStorage asks that package for one cipher, AES in CBC mode, under which a secret
travels over the session bus to the keychain. It is 12 MB, with an OpenSSL of its own;
Python brings an OpenSSL already, which has that cipher too.
"""
