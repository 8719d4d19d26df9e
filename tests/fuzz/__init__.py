"""Coverage-guided search for bytes that a reader of foreign text cannot take.

``targets`` says what is read and what must hold of it, ``__main__`` searches, and
``corpus/`` keeps what is read in every test run: examples, and each finding of old.
"""
