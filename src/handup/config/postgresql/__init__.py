"""Django's PostgreSQL backend, which sends together what needs no answer of its own."""
