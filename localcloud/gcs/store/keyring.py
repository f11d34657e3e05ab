"""Registered keys and withdrawn permissions, kept across restarts and mirrored into the verifier's key ring."""

from typing import Any

from localcloud.gcs.store.database import Database
from localcloud.gcs.v4.keys import HmacKey, KeyRing, read_public_key


class KeyStore:
    """Writes through: the database first, then the ring that requests are checked with."""

    def __init__(self, database: Database, ring: KeyRing) -> None:
        self._database = database
        self._ring = ring
        for row in database.execute("SELECT * FROM hmac_keys"):
            ring.hmac_keys[row["access_id"]] = HmacKey(row["access_id"], row["secret"], row["service_account"])
        for row in database.execute("SELECT * FROM rsa_keys"):
            ring.add_rsa(row["service_account"], row["public_key_pem"])
        for row in database.execute("SELECT * FROM withdrawn_accounts"):
            ring.withdrawn.add(row["service_account"])

    def put_hmac(self, key: HmacKey) -> None:
        """Register an HMAC key, or replace the one of the same access id."""
        self._database.execute(
            "INSERT OR REPLACE INTO hmac_keys VALUES (?, ?, ?)", (key.access_id, key.secret, key.service_account)
        )
        self._ring.hmac_keys[key.access_id] = key

    def delete_hmac(self, access_id: str) -> bool:
        """Forget an HMAC key; False if there was none."""
        self._database.execute("DELETE FROM hmac_keys WHERE access_id = ?", (access_id,))
        return self._ring.hmac_keys.pop(access_id, None) is not None

    def put_rsa(self, service_account: str, pem: str) -> None:
        """Register one more public key of an account. Raises ValueError if it is not an RSA public key."""
        read_public_key(pem)
        self._database.execute("INSERT OR IGNORE INTO rsa_keys VALUES (?, ?)", (service_account, pem))
        self._ring.add_rsa(service_account, pem)

    def delete_rsa(self, service_account: str) -> bool:
        """Forget all RSA keys of an account; False if there were none."""
        self._database.execute("DELETE FROM rsa_keys WHERE service_account = ?", (service_account,))
        return self._ring.rsa_keys.pop(service_account, None) is not None

    def set_permission(self, service_account: str, *, granted: bool) -> None:
        """Withdraw or restore an account's permission on every bucket."""
        if granted:
            self._database.execute("DELETE FROM withdrawn_accounts WHERE service_account = ?", (service_account,))
            self._ring.withdrawn.discard(service_account)
        else:
            self._database.execute("INSERT OR IGNORE INTO withdrawn_accounts VALUES (?)", (service_account,))
            self._ring.withdrawn.add(service_account)

    def listing(self) -> dict[str, Any]:
        """What is registered, without secrets."""
        return {
            "hmac": [
                {"access_id": key.access_id, "service_account": key.service_account} for key in self._ring.hmac_keys.values()
            ],
            "rsa": [
                {"service_account": account, "public_key_pem": pem}
                for account, keys in self._ring.rsa_keys.items()
                for pem in keys
            ],
            "withdrawn": sorted(self._ring.withdrawn),
        }
