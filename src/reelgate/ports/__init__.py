"""The interfaces to everything outside: adapters implement them, use cases name those they need.

Each module ends with protocols of one member (`HasBooks`). A use case combines them in its signature
(docs/adr/0018-what-a-use-case-may-use.md).
"""
