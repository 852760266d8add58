"""The forms of people, by subject."""
