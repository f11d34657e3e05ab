"""Media files taken apart by FFmpeg (bundled with PyAV), in a process that can do nothing but that.

The files come from strangers, and FFmpeg is a million lines of C. So it runs in a process of its own (`child`): without
credentials, without files, with bounds on memory and processor time. All that goes in and out are frames over two pipes
(`frames`): it asks for ranges of the file and hands out bytes, facts and progress. The function's side (`process`) trusts none
of it.
"""
