"""V4 signed URLs, verified from the raw request target; independent of any signer."""
