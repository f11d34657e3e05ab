"""Users in parallel over a system that breaks, and a checker that then compares books, buckets, mails and costs.

`python -m tests.chaos` runs it (docs/reliability.md). It is a ring of its own: `make chaos`.
"""
