"""All routes of version 1 in the `accounts` function."""

from __future__ import annotations

from typing import Protocol

from reelgate.web.http.calls import Routes
from reelgate.web.v1.accounts import admin_user_routes, deletion_routes, export_routes, my_routes, sign_in_routes


class Services(sign_in_routes.Services, export_routes.Services, deletion_routes.Services, Protocol):
    """What the routes of `accounts` need."""


ROUTES: Routes[Services] = (
    *sign_in_routes.ROUTES,
    *my_routes.ROUTES,
    *export_routes.ROUTES,
    *admin_user_routes.ROUTES,
    *deletion_routes.ROUTES,
)
