"""Reading the words of a stored file after it was added: a PDF takes longer than anybody waits."""

from django.db import transaction

from handup.org.jobs import job
from handup.org.services.files import read_file
from handup.projects import search
from handup.projects.models import Document
from handup.projects.services.extract import text_of


@job
def read_words(document_id: str) -> None:
    """Read the words of a document's file and let it be found by them; one that has its words, or
    whose file gives none, stays as it is.
    """
    row = Document._base_manager.select_related("file").filter(pk=document_id).first()
    if row is None or row.file is None or row.searchable:
        return
    read = text_of(read_file(row.file))
    if not read.text.strip():
        return
    with transaction.atomic():
        row.text, row.page_map, row.searchable = read.text, list(read.page_map), True
        row.save(update_fields=("text", "page_map", "searchable"))
        search.keep("document", row)
