"""Create, rotate and remove HMAC keys for signing URLs without showing their secrets.

A key has two parts. Its access id is public and goes into Terraform's variables. Its secret is returned once, by the call that
creates the key, and goes through a pipe into Secret Manager, so Terraform's state never contains one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ops.access.gcloud import Gcloud, GcloudFailed
from ops.sign_faster.hmac_key_file import ROLES, CannotDo, KeyFile, NamedKey

# How long a URL can be valid, as a multiple of the setting: a streaming URL is dated at the start of its window.
_LIFETIMES = {"REELGATE_UPLOAD_URL_SECONDS": 1, "REELGATE_STREAM_URL_SECONDS": 2}
_DEFAULT_LIFETIME = "3600"


@dataclass(frozen=True, slots=True)
class HmacKeys:
    """The keys of one deployment's signers. `report` is called with a line about each step."""

    gcloud: Gcloud
    prefix: str
    file: KeyFile
    report: Callable[[str], None] = print

    def make(self) -> None:
        """Create the first keys, and write them to the file. Repeating it changes nothing. Raises GcloudFailed, CannotDo."""
        named = self.file.read()
        if not named:
            self._make_and_name()
        for role, key in named.items():
            if not self._is_active(key):
                raise CannotDo(
                    f"{role}: {key.access_id}, which {self.file.path} names, is not active: activate it or run 'rotate'."
                )
            self.report(f"{role}: {key.access_id} exists already")

    def rotate(self) -> None:
        """Create new keys and write them to the file. The old ones continue to work until `finish`.

        Raises GcloudFailed, CannotDo (also if the last rotation is not finished: keys would accumulate, and an account may have
        at most ten).
        """
        named = self.file.read()
        if not named:
            raise CannotDo("There are no keys to replace: run 'make' first.")
        if any(self._older_keys(role, key) for role, key in named.items()):
            raise CannotDo("The last rotation is not finished: apply, then run 'finish' before the next one.")
        self._make_and_name()

    def finish(self, *, at_once: bool = False, now: datetime | None = None) -> None:
        """Remove the keys older than those in the file, and the versions of the secrets that belong to them.

        Args:
            at_once: do not wait until the last URL signed with them has expired: those URLs stop working now.
            now: the current time.

        Raises:
            CannotDo: a function still signs with an old key, or did so recently enough that its URLs are still valid.
            GcloudFailed: a repeated call does the rest.
        """
        named = self.file.read()
        if not named:
            raise CannotDo(f"{self.file.path} contains no keys, so it is unknown which ones are old.")
        old = {role: self._older_keys(role, key) for role, key in named.items()}
        self._require_unused({key for keys in old.values() for key in keys}, at_once, now or datetime.now(UTC))
        for role in ROLES:
            for access_id in old[role]:
                self._remove_key(access_id)
                self.report(f"{role}: removed {access_id}")
            self._destroy_versions_before(role, named[role])
        if not any(old.values()):
            self.report("There are no old keys.")

    def _make_and_name(self) -> None:
        """Create a key for each signer, or none: if anything fails, new keys are removed again."""
        made: dict[str, str] = {}
        try:
            keys = {role: self._new_key(role, made) for role in ROLES}
            self.file.write(keys)
        except BaseException:  # also on an interrupt: a key that is in no file is useless
            for role, access_id in made.items():
                self._discard(role, access_id)
            raise

    def _new_key(self, role: str, made: dict[str, str]) -> NamedKey:
        answer = self.gcloud.json("storage", "hmac", "create", self._account(role))
        made[role] = access_id = answer["metadata"]["accessId"]
        secret = f"{self.prefix}-hmac-{role}"
        stored = self.gcloud.json("secrets", "versions", "add", secret, "--data-file=-", stdin=answer["secret"])
        key = NamedKey(access_id, stored["name"].rpartition("/")[2])
        self.report(f"{role}: made {key.access_id}; its secret is version {key.version} of {secret}")
        return key

    def _discard(self, role: str, access_id: str) -> None:
        try:
            self._remove_key(access_id)
        except GcloudFailed as error:
            self.report(f"{role}: {access_id} is not needed and could not be removed; a later 'finish' will remove it. {error}")
        else:
            self.report(f"{role}: {access_id} is not needed and was removed again")

    def _remove_key(self, access_id: str) -> None:
        """Only inactive keys can be deleted (Cloud Storage docs, "Manage HMAC keys")."""
        self.gcloud.json("storage", "hmac", "update", access_id, "--deactivate")
        self.gcloud.json("storage", "hmac", "delete", access_id)

    def _is_active(self, key: NamedKey) -> bool:
        """Raises GcloudFailed also for a missing key: if it was removed on purpose, edit the file."""
        return bool(self.gcloud.json("storage", "hmac", "describe", key.access_id)["state"] == "ACTIVE")

    def _older_keys(self, role: str, named: NamedKey) -> list[str]:
        """Return the access ids of a signer's keys that are older than the one in the file. Newer ones may belong to another
        run.
        """
        keys = {key["accessId"]: key for key in self._keys_of(role)}
        if named.access_id not in keys:
            raise CannotDo(f"{named.access_id}, which {self.file.path} names, is not a key of {self._account(role)}.")
        born = keys[named.access_id]["timeCreated"]
        return sorted(access_id for access_id, key in keys.items() if key["timeCreated"] < born)

    def _keys_of(self, role: str) -> list[dict[str, Any]]:
        listed = self.gcloud.json("storage", "hmac", "list", f"--service-account={self._account(role)}", "--long") or []
        return [key for key in listed if key["state"] != "DELETED"]

    def _require_unused(self, old: set[str], at_once: bool, now: datetime) -> None:
        if not old:
            return
        listed = self.gcloud.json("functions", "list", "--v2") or []
        functions = {function["name"].rpartition("/")[2]: function for function in listed}
        ours = {name: function for name, function in functions.items() if name.startswith(f"{self.prefix}-")}
        using = sorted(name for name, one in ours.items() if _variables(one).get("REELGATE_HMAC_ACCESS_ID") in old)
        if using:
            raise CannotDo(f"Still signing with an old key: {', '.join(using)}. Run terraform apply first.")
        until = max((_instant(one["updateTime"]) + _longest_lifetime(one) for one in ours.values()), default=now)
        if now < until and not at_once:
            raise CannotDo(
                f"URLs that were signed with the old keys may live until {until:%Y-%m-%d %H:%M} UTC. "
                "Run it again after that, or invalidate them now with --at-once."
            )

    def _destroy_versions_before(self, role: str, named: NamedKey) -> None:
        secret = f"{self.prefix}-hmac-{role}"
        listed = self.gcloud.json("secrets", "versions", "list", secret, "--filter=state!=DESTROYED") or []
        for version in (entry["name"].rpartition("/")[2] for entry in listed):
            if int(version) < int(named.version):
                self.gcloud.json("secrets", "versions", "destroy", version, f"--secret={secret}")
                self.report(f"{role}: destroyed version {version} of {secret}")

    def _account(self, role: str) -> str:
        return f"{self.prefix}-sign-{role}@{self.gcloud.project}.iam.gserviceaccount.com"


def _variables(function: Mapping[str, Any]) -> dict[str, str]:
    variables: dict[str, str] = function.get("serviceConfig", {}).get("environmentVariables", {})
    return variables


def _longest_lifetime(function: Mapping[str, Any]) -> timedelta:
    settings = _variables(function)
    return timedelta(seconds=max(times * int(settings.get(name, _DEFAULT_LIFETIME)) for name, times in _LIFETIMES.items()))


def _instant(text: str) -> datetime:
    """Google returns up to nine fractional digits; Python parses six."""
    return datetime.fromisoformat(text.replace("Z", "+00:00").split(".")[0].removesuffix("+00:00") + "+00:00")
