"""The three kinds of upload: one body, multipart/related, resumable sessions."""
