"""Objects as HTTP answers: whole, in ranges, and with gzip taken off."""
