"""What people ask of the local cloud: up, down, status, test and the others."""
