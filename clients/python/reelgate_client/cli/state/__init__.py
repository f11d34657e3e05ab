"""What is kept on this machine: a sign-in, and the ids of uploads that have begun. Losing it loses no upload."""
