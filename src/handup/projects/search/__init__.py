"""Full-text search over documents, lessons, studies and curricula, in every language.

A domain above adds its own texts to the named list:

    search.register(Source(kind="study", …))       # in AppConfig.ready()
    search.keep("study", row)                      # in the service that writes it
"""

from handup.projects.search.finding import Found, Hit, find
from handup.projects.search.index import differences, keep, read_missing, rebuild
from handup.projects.search.sources import Source, Text, register, sources

__all__ = [
    "Found",
    "Hit",
    "Source",
    "Text",
    "differences",
    "find",
    "keep",
    "read_missing",
    "rebuild",
    "register",
    "sources",
]
