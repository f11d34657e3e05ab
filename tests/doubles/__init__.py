"""Doubles of the ports, in memory: held to the same contract as the real adapters (tests/contract)."""
