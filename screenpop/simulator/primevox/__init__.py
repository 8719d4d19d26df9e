"""The simulated PrimeVOX, written from the vendor's pages and nothing else."""
