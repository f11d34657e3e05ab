"""The records beside the books, each written once over the document store."""
