"""The runs of `convert`: admitted, with a lease on the file, within their bounds."""
