"""What people run who operate a deployment, with their own credentials: docs/operations.md says when."""
