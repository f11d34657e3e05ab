"""The local API Gateway: one port for all HTTP functions, routed by openapi.yaml."""
