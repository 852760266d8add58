"""The pages of `results`."""
