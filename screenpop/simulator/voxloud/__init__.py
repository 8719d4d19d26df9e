"""The simulated Voxloud, written from the vendor's document and nothing else."""
