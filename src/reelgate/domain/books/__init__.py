"""Accounts, ledger entries, alerts and the outbox: pure arithmetic on immutable values."""
