"""The web console's files, as browsers get them. They are made from `clients/console` (docs/adr/0044-web-console.md)."""
