"""What users have used, and when."""
