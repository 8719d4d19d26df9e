"""The part that SecretStorage imports from."""
