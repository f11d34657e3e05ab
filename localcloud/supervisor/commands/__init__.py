"""The commands of the local cloud: up, down, status, test and the others."""
