"""The built-in kinds of contact sources, a module or folder each."""
