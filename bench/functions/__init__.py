"""What requests cost a function: its cold start, its CPU time, one hot user, and URLs issued at once."""
