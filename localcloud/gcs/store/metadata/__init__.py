"""What is known about an object: its record, its resource in JSON, patches and conditions."""
