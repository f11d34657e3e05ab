"""gcloud storage against the emulator, with the settings that docs/storage-emulator.md gives."""

import hashlib
import os
import subprocess
from pathlib import Path

import pytest

from tests.integration.gcs.conftest import Bucket, Emulator

MIB = 1024 * 1024


class Gcloud:
    """The command with an own configuration folder, so that the developer's is neither read nor changed."""

    def __init__(self, emulator: Emulator, folder: Path) -> None:
        self._environment = {
            **os.environ,
            "CLOUDSDK_CONFIG": str(folder),
            "CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE": f"{emulator.url}/storage/v1/",
            "CLOUDSDK_AUTH_DISABLE_CREDENTIALS": "true",
            "CLOUDSDK_CORE_PROJECT": "demo-reelgate",
            "CLOUDSDK_CORE_DISABLE_PROMPTS": "true",
            "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING": "true",
            "CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK": "true",
        }

    def __call__(self, *arguments: str) -> str:
        done = subprocess.run(
            ["gcloud", "storage", *arguments], env=self._environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="session")
def gcloud(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Gcloud:
    return Gcloud(emulator, tmp_path_factory.mktemp("gcloud"))


def test_cp_cat_ls_rm(gcloud: Gcloud, bucket: Bucket, tmp_path: Path) -> None:
    data = os.urandom(2 * MIB + 5)
    (tmp_path / "in.bin").write_bytes(data)
    (tmp_path / "hello.txt").write_text("hello")
    gcloud("cp", str(tmp_path / "in.bin"), str(tmp_path / "hello.txt"), f"gs://{bucket.name}/dir/")
    assert gcloud("cat", f"gs://{bucket.name}/dir/hello.txt") == "hello"
    gcloud("cp", f"gs://{bucket.name}/dir/in.bin", str(tmp_path / "out.bin"))
    assert (tmp_path / "out.bin").read_bytes() == data
    listed = gcloud("ls", "-l", f"gs://{bucket.name}/dir/")
    assert f"{len(data)}" in listed
    assert f"gs://{bucket.name}/dir/hello.txt" in listed
    gcloud("rm", f"gs://{bucket.name}/dir/in.bin")
    assert gcloud("ls", f"gs://{bucket.name}/**").split() == [f"gs://{bucket.name}/dir/hello.txt"]
    gcloud("rm", "--recursive", f"gs://{bucket.name}")
    assert bucket.emulator.http.get(f"/storage/v1/b/{bucket.name}").status_code == 404


@pytest.mark.emulator
def test_500_mb_there_and_back(gcloud: Gcloud, bucket: Bucket, tmp_path: Path) -> None:
    """Big enough for gcloud's parallel composite upload and sliced download."""
    source, copy = tmp_path / "big.bin", tmp_path / "copy.bin"
    block = os.urandom(MIB)
    with source.open("wb") as file:
        for index in range(500):
            file.write(index.to_bytes(8, "big") + block[8:])
    gcloud("cp", str(source), f"gs://{bucket.name}/big.bin")
    resource = bucket.resource("big.bin").json()
    assert resource["size"] == str(500 * MIB)
    assert resource["componentCount"] > 1
    gcloud("cp", f"gs://{bucket.name}/big.bin", str(copy))
    assert digest(copy) == digest(source)
    assert "nextPageToken" not in bucket.emulator.http.get(f"/storage/v1/b/{bucket.name}/o").json()
    assert gcloud("ls", f"gs://{bucket.name}/**").split() == [f"gs://{bucket.name}/big.bin"]
    source.unlink()
    copy.unlink()


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
