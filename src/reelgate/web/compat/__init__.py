"""The routes of the five older services, exactly as their clients know them. The API itself is in `web/v1/`."""
