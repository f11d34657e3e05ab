"""What users have used, per day and per month, and what changes it."""
