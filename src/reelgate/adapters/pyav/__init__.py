"""Media files decoded by FFmpeg (bundled with PyAV), in a restricted process.

The files are untrusted, and FFmpeg is a million lines of C. It therefore runs in its own process (`child`): without
credentials, without files, with limits on memory and CPU time. Everything goes through frames over two pipes (`frames`): the
process asks for ranges of the file and returns bytes, facts and progress. The function (`process`) does not trust it.
"""
