"""Django's SQLite backend behind a first-come, first-served gate for writers."""
