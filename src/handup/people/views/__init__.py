"""The web door of people, by subject; see urls.py for the addresses."""
