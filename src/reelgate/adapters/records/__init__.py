"""All records other than the books, implemented over the document store."""
