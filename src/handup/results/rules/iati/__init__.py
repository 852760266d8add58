"""IATI files: read safely, checked against the official pack, taken apart and put together."""
