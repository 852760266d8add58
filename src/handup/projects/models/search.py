"""What the full-text search looks through: one row a part of a document, lesson, study or
curriculum.
"""

from typing import ClassVar

from django.db import models

from handup.org.classes import classify
from handup.org.models import House
from handup.org.scope import ScopedManager


class SearchEntry(House):
    """A part of a text as the search reads it. Who may find it is asked of the record itself each
    time. The long columns come last: a row's head is read without them.
    """

    CLASSES = classify(
        I="id recorded_at number kind object_id dated language first_page title body words_title"
        " words_body"
    )

    number = models.BigIntegerField(unique=True, null=True)
    kind = models.CharField(max_length=20)
    object_id = models.UUIDField()
    dated = models.DateField(null=True, blank=True)
    language = models.CharField(max_length=10, blank=True, default="")
    first_page = models.PositiveIntegerField(default=1)
    title = models.CharField(max_length=300)
    words_title = models.TextField()
    body = models.TextField(blank=True, default="")
    words_body = models.TextField(blank=True, default="")

    objects: ClassVar[ScopedManager["SearchEntry"]] = ScopedManager()

    class Meta:
        ordering = ("-dated", "-number")
        indexes = (
            models.Index(fields=("kind", "object_id"), name="search_entry_object"),
            models.Index(fields=("number", "kind", "object_id", "dated"), name="search_entry_head"),
        )

    def __str__(self) -> str:
        return self.title
