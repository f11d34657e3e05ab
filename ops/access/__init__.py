"""Access to a deployment with the operator's credentials: its settings, its services, gcloud."""
