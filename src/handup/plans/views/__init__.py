"""The web door of plans."""
