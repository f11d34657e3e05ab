"""Reelgate: a serverless video store on Google Cloud."""
