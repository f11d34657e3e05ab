"""`reelgate doctor`: whether a deployment works, and what mends it."""
