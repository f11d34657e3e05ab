"""Bearer tokens: their issuers, keys and contents, who they identify, and whether a push comes from Pub/Sub."""
