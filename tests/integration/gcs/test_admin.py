"""Keys, signBlob and faults through the admin API."""

import base64

import httpx
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from localcloud.gcs.admin.routes import TABLE
from tests.fixtures.gcs_signed_urls import UrlSigner
from tests.integration.gcs.conftest import ROOT, WEB, Bucket, Emulator

ROBOT = "robot@demo-reelgate.iam.gserviceaccount.com"


def test_hmac_key_comes_and_goes(emulator: Emulator, bucket: Bucket) -> None:
    bucket.upload("a", b"data")
    signer = UrlSigner("GOOGSECOND", "second-secret")
    url = signer.sign("GET", emulator.host, f"/{bucket.name}/a")
    assert WEB.get(url).status_code == 403
    key = {"access_id": "GOOGSECOND", "secret": "second-secret", "service_account": ROBOT}
    assert emulator.http.put("/_emulator/keys/hmac", json=key).status_code == 204
    assert WEB.get(url).content == b"data"
    listing = emulator.http.get("/_emulator/keys")
    assert "second-secret" not in listing.text
    assert {"access_id": "GOOGSECOND", "service_account": ROBOT} in listing.json()["hmac"]
    assert emulator.http.delete("/_emulator/keys/hmac/GOOGSECOND").status_code == 204
    assert WEB.get(url).status_code == 403
    assert emulator.http.delete("/_emulator/keys/hmac/GOOGSECOND").status_code == 404
    assert emulator.http.put("/_emulator/keys/hmac", json={"access_id": "X"}).status_code == 400


def test_rsa_key_comes_and_goes(emulator: Emulator, bucket: Bucket) -> None:
    bucket.upload("a", b"data")
    private = rsa.generate_private_key(65537, 2048)
    pem = private.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    url = UrlSigner("key-file@x", rsa_key=private).sign("GET", emulator.host, f"/{bucket.name}/a")
    document = {"service_account": "key-file@x", "public_key_pem": pem.decode()}
    assert emulator.http.put("/_emulator/keys/rsa", json=document).status_code == 204
    assert WEB.get(url).content == b"data"
    assert emulator.http.delete("/_emulator/keys/rsa/key-file@x").status_code == 204
    assert WEB.get(url).status_code == 403
    assert emulator.http.put("/_emulator/keys/rsa", json={**document, "public_key_pem": "no"}).status_code == 400


def test_sign_blob_signs_and_its_key_is_trusted(emulator: Emulator, bucket: Bucket) -> None:
    bucket.upload("a", b"data")

    class Remote(UrlSigner):
        def _signature(self, text: bytes, scope: list[str]) -> str:
            answer = emulator.http.post(
                f"/v1/projects/-/serviceAccounts/{ROBOT}:signBlob",
                json={"payload": base64.b64encode(text).decode()},
                headers={"Authorization": "Bearer anything"},
            )
            assert len(answer.json()["keyId"]) == 40
            return base64.b64decode(answer.json()["signedBlob"]).hex()

    class RsaRemote(Remote):
        pass

    signer = RsaRemote(ROBOT, rsa_key=rsa.generate_private_key(65537, 2048))
    assert WEB.get(signer.sign("GET", emulator.host, f"/{bucket.name}/a")).content == b"data"
    bad = emulator.http.post(f"/v1/projects/-/serviceAccounts/{ROBOT}:signBlob", json={"payload": "?"})
    assert bad.status_code == 400


def test_signing_key_is_the_same_after_a_restart(own_emulator: Emulator) -> None:
    def sign() -> dict[str, str]:
        path = "/v1/projects/-/serviceAccounts/robot%40x:signBlob"
        return dict(own_emulator.http.post(path, json={"payload": base64.b64encode(b"text").decode()}).json())

    first = sign()
    own_emulator.kill()
    own_emulator.start()
    assert sign() == first
    (key,) = own_emulator.http.get("/_emulator/keys").json()["rsa"]
    public = serialization.load_pem_public_key(key["public_key_pem"].encode())
    assert isinstance(public, rsa.RSAPublicKey)
    public.verify(base64.b64decode(first["signedBlob"]), b"text", padding.PKCS1v15(), hashes.SHA256())


def set_fault(emulator: Emulator, **rule: object) -> None:
    answer = emulator.http.put("/_emulator/faults", json={"rules": [rule], "seed": 1})
    assert answer.status_code == 200, answer.text
    assert emulator.http.get("/_emulator/faults").json() == answer.json()


def test_error_fault(own_emulator: Emulator) -> None:
    bucket = Bucket(own_emulator)
    set_fault(own_emulator, methods=["POST"], path_prefix="/upload/", error_status=503, times=1)
    answer = bucket.upload("a", b"1")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, 503)
    assert bucket.upload("a", b"1").status_code == 200
    set_fault(own_emulator, path_prefix=f"/{bucket.name}/", error_status=500)
    xml = WEB.get(own_emulator.signed("GET", f"/{bucket.name}/a"))
    assert (xml.status_code, "<Code>InternalError</Code>" in xml.text) == (500, True)
    assert own_emulator.http.delete("/_emulator/faults").status_code == 204
    assert WEB.get(own_emulator.signed("GET", f"/{bucket.name}/a")).status_code == 200
    assert own_emulator.http.put("/_emulator/faults", json={"rules": [{"nonsense": 1}]}).status_code == 400


def test_dropped_upload_resumes(own_emulator: Emulator, random_mib: bytes) -> None:
    bucket = Bucket(own_emulator)
    uri = bucket.open_session("a")
    set_fault(own_emulator, target_contains="upload_id=", drop_upload_after_bytes=600_000, times=1)
    with pytest.raises(httpx.TransportError):
        WEB.put(uri, content=random_mib)
    answer = WEB.put(uri, headers={"Content-Range": "bytes */*"})
    assert answer.headers["Range"] == "bytes=0-524287"
    rest = {"Content-Range": f"bytes 524288-{len(random_mib) - 1}/{len(random_mib)}"}
    assert WEB.put(uri, content=random_mib[524288:], headers=rest).status_code == 200
    assert bucket.bytes_of("a") == random_mib


def test_dropped_download(own_emulator: Emulator, random_mib: bytes) -> None:
    bucket = Bucket(own_emulator)
    bucket.upload("a", random_mib)
    set_fault(own_emulator, methods=["GET"], drop_download_after_bytes=1000, times=1)
    url = own_emulator.signed("GET", f"/{bucket.name}/a")
    with pytest.raises(httpx.TransportError):
        WEB.get(url)
    assert WEB.get(url).content == random_mib


def test_every_admin_route_is_documented() -> None:
    text = (ROOT / "docs" / "storage-emulator.md").read_text()
    for pattern, handlers in TABLE:
        path = "/_emulator/" + pattern.replace("([^/]+)", "*")
        for method in handlers:
            documented = any(
                line.startswith(f"| `{method} ") and _shape(line.split("`")[1].split(" ", 1)[1]) == path
                for line in text.splitlines()
            )
            assert documented, f"{method} {path}"


def _shape(documented: str) -> str:
    """`/_emulator/keys/hmac/ACCESS_ID?x=y` -> `/_emulator/keys/hmac/*`"""
    path = documented.split("?", maxsplit=1)[0].split(" ", maxsplit=1)[0]
    return "/".join("*" if part.isupper() else part for part in path.split("/"))
