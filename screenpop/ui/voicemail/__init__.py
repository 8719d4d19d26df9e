"""The window with the messages that callers left."""
