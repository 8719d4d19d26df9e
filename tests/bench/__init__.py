"""The benchmark: screenpop beside the smallest program that does the same step.

Run by ``python3 installer/dev.py bench``. An absolute figure holds for one machine and
one run only, so every target is a ratio of two sides that were measured alternately,
round by round, in the same run.
"""
