"""The three ways in: one body, multipart/related, resumable sessions."""
