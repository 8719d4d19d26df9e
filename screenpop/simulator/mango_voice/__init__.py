"""The simulated Mango Voice, written from the vendor's document and nothing else."""
