"""Bearer tokens: their issuers, keys and contents, the callers they identify, and the tokens of Pub/Sub's pushes."""
