"""The small window to call somebody from: one box for names and numbers."""
