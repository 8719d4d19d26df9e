"""Pieces that several windows share; they know the theme and nothing else."""
