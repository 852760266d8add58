"""The web door of projects, by subject; see urls.py for the addresses."""
