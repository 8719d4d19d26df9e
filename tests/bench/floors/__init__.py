"""Floors: for each step the smallest honest program that takes it."""
