"""Version 1 of the API, by subject: the types of requests and answers (`*_shapes.py`), and the routes (`*_routes.py`)."""
