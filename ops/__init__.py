"""Commands for operators of a deployment, run with their own credentials: docs/operations.md explains when."""
