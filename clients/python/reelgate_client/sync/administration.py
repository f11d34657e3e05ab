# Made from aio/administration.py by make_sync.py. Change that file, and run it again.
"""What only admins may do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from reelgate_client.sync.api import Api
from reelgate_client.core.calls import UNSET, Call, Unset, given
from reelgate_client.models import (
    AuditEventList,
    ChangedUser,
    DeletionUnderWay,
    InvoicePage,
    NotificationDelivery,
    NotificationDeliveryList,
    UsageExport,
    User,
    UserList,
)
from reelgate_client.models.decode import decode


class AdminApi:
    """Users, invoices, the audit log and deliveries of the deployment."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self.users = UsersApi(api)
        self.deliveries = DeliveriesApi(api)

    def usage(
        self,
        *,
        from_: date | None = None,
        to: date | None = None,
        group: str | None = None,
        user_id: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> InvoicePage:
        """Return what all users used in a range of days. `group` is `day` or `month`."""
        query = {"from_": from_, "to": to, "group": group, "user_id": user_id, "limit": limit, "cursor": cursor}
        return self._api.fetch(InvoicePage, Call(method="GET", path="/v1/admin/usage", query=query))

    def usage_csv(
        self, *, from_: date | None = None, to: date | None = None, group: str | None = None, user_id: str | None = None
    ) -> str:
        """Return the same as CSV, all pages at once. Raises Conflict (`export_needed`) for very many users."""
        query = {"from_": from_, "to": to, "group": group, "user_id": user_id, "format": "csv"}
        return (self._api.send(Call(method="GET", path="/v1/admin/usage", query=query))).text

    def create_export(self, from_: date, to: date, *, group: str | None = None) -> UsageExport:
        """Have an invoice written into a file."""
        body = {"from": from_, "to": to, **given(group=group)}
        return self._api.fetch(UsageExport, Call(method="POST", path="/v1/admin/usage/exports", body=body))

    def get_export(self, export_id: str) -> UsageExport:
        """Show an export, with its URL once it is ready."""
        call = Call(method="GET", path="/v1/admin/usage/exports/{export_id}", variables={"export_id": export_id})
        return self._api.fetch(UsageExport, call)

    def audit(
        self,
        *,
        user_id: str | None = None,
        email: str | None = None,
        video_id: str | None = None,
        request_id: str | None = None,
        action: str | None = None,
        outcome: str | None = None,
        from_: datetime | None = None,
        to: datetime | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> AuditEventList:
        """List who did what, newest first. `outcome` is `done` or `denied`."""
        query = {
            "user_id": user_id,
            "email": email,
            "video_id": video_id,
            "request_id": request_id,
            "action": action,
            "outcome": outcome,
            "from_": from_,
            "to": to,
            "limit": limit,
            "cursor": cursor,
        }
        return self._api.fetch(AuditEventList, Call(method="GET", path="/v1/admin/audit", query=query))


class UsersApi:
    """The users of the deployment."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def list(self, *, email: str | None = None, limit: int | None = None, cursor: str | None = None) -> UserList:
        """List users, or the one with an address."""
        query = {"email": email, "limit": limit, "cursor": cursor}
        return self._api.fetch(UserList, Call(method="GET", path="/v1/admin/users", query=query))

    def get(self, user_id: str) -> User:
        """Show a user."""
        return self._api.fetch(User, self._one("GET", user_id))

    def update(
        self,
        user_id: str,
        *,
        role: str | None = None,
        disabled: bool | None = None,
        storage: int | Unset | None = UNSET,
        bandwidth: int | Unset | None = UNSET,
        alert_percents: Sequence[int] | Unset | None = UNSET,
    ) -> ChangedUser:
        """Change role, limits, or whether the account is disabled. A limit of None is the deployment's default again."""
        own = {"storage": storage, "bandwidth": bandwidth, "alert_percents": alert_percents}
        limits = {name: value for name, value in own.items() if value is not UNSET}
        body = given(role=role, disabled=disabled, limits=limits or None)
        call = Call(
            method="PATCH", path="/v1/admin/users/{user_id}", variables={"user_id": user_id}, body=body, repeatable=True
        )
        return self._api.fetch(ChangedUser, call)

    def delete(self, user_id: str) -> DeletionUnderWay | None:
        """Delete a user with everything that names them. None when it is done."""
        response = self._api.send(self._one("DELETE", user_id))
        return None if response.status_code == 204 else decode(DeletionUnderWay, response.json())

    def reset_usage(self, user_id: str) -> None:
        """Give a user the whole daily limit again."""
        path = "/v1/admin/users/{user_id}/reset-usage"
        self._api.send(Call(method="POST", path=path, variables={"user_id": user_id}, repeatable=True))

    def _one(self, method: str, user_id: str) -> Call:
        return Call(method=method, path="/v1/admin/users/{user_id}", variables={"user_id": user_id})


class DeliveriesApi:
    """Mails and webhooks, and what became of each."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def list(
        self,
        *,
        state: str | None = None,
        type: str | None = None,
        user_id: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> NotificationDeliveryList:
        """List them, newest first."""
        query = {"state": state, "type": type, "user_id": user_id, "limit": limit, "cursor": cursor}
        return self._api.fetch(NotificationDeliveryList, Call(method="GET", path="/v1/admin/deliveries", query=query))

    def get(self, delivery_id: str) -> NotificationDelivery:
        """Show one."""
        return self._api.fetch(NotificationDelivery, self._one("GET", "", delivery_id))

    def redeliver(self, delivery_id: str) -> NotificationDelivery:
        """Send one again."""
        return self._api.fetch(NotificationDelivery, self._one("POST", "/redeliver", delivery_id))

    def _one(self, method: str, verb: str, delivery_id: str) -> Call:
        path = "/v1/admin/deliveries/{delivery_id}" + verb
        return Call(method=method, path=path, variables={"delivery_id": delivery_id})
