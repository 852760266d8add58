"""The pages of the books: the journal, books with accounts and months, entries by hand."""
