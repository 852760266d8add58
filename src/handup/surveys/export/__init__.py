"""Answers of a round as files for statistics: what goes into them, and how they are written."""
