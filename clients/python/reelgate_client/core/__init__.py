"""What both clients decide, without any input or output: what to send, what an answer means, when to try again."""
