"""The table of everything that runs in the local cloud and how each process is started."""

import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from localcloud.supervisor.loopback import HOST
from localcloud.supervisor.ports import FUNCTIONS, OFFSETS, port_of
from localcloud.supervisor.services import google_emulators, topics
from localcloud.supervisor.services.environment import (
    PROJECT,
    base_environment,
    derived_bucket,
    emulator_hosts,
    local_channels,
    product_settings,
    usage_logs_bucket,
)
from localcloud.supervisor.services.product import TRACING_HEADERS, words
from localcloud.supervisor.services.service import Service
from localcloud.supervisor.services.snapshots import Snapshots
from localcloud.supervisor.services.warm_up import warm_up_firestore
from localcloud.supervisor.state.folder import ROOT, StateFolder

NODE_MODULES = ROOT / ".local" / "node"
PYTHON = sys.executable


class ServiceFactory:
    """Makes the services of one local cloud out of its state folder and the caller's environment."""

    def __init__(self, state: StateFolder, caller: Mapping[str, str], snapshots: Snapshots | None = None) -> None:
        self._state = state
        self._snapshots = snapshots
        self._base = state.base_port
        self._plain = base_environment(caller)
        channels = local_channels(self._base, state.webhook_secret(), caller)
        self.settings = {**channels, **product_settings(caller, state.hmac_secret())}

    def make(self, names: tuple[str, ...] = tuple(OFFSETS)) -> list[Service]:
        """Return the services of these names. Raises CannotStartError if a program they need is missing."""
        makers: dict[str, Callable[[], Service]] = {
            "gateway": self._gateway,
            "storage": self._storage,
            "scheduler": self._scheduler,
            "firestore": self._firestore,
            "pubsub": self._pubsub,
            "auth": self._auth,
            "eventarc": self._eventarc,
            "mail": self._mail,
            **{name: partial(self._function, name) for name in FUNCTIONS},
        }
        return [makers[name]() for name in names]

    def _service(self, name: str, *command: str, **more: Any) -> Service:
        return Service(name=name, command=command, port=port_of(name, self._base), **{"env": self._plain, **more})

    def _origin(self, name: str) -> str:
        return f"http://{HOST}:{port_of(name, self._base)}"

    def _python(self, name: str, *arguments: str, **more: Any) -> Service:
        port = str(port_of(name, self._base))
        module = {"storage": "localcloud.gcs"}.get(name, f"localcloud.{name}")
        return self._service(name, PYTHON, "-m", module, "--port", port, *arguments, **more)

    def _gateway(self) -> Service:
        backends = self._state.write_config("backends", {name: self._origin(name) for name in FUNCTIONS})
        openapi = str(ROOT / "openapi.yaml")
        origins = self.settings["REELGATE_CORS_ORIGINS"]
        arguments = ("--openapi", openapi, "--backends", str(backends), "--cors-origins", origins)
        return self._python("gateway", *arguments, health_path="/_gateway/health")

    def _storage(self) -> Service:
        derived_headers = ["Content-Type", "Content-Range", "Content-Disposition", "Range", "ETag", *TRACING_HEADERS]
        derived_cors = {"origin": ["*"], "method": ["GET", "HEAD"], "responseHeader": derived_headers, "maxAgeSeconds": 3600}
        cors = {
            # As Terraform sets them from cors_origins: the sites that may call the API may also talk to the bucket.
            "origin": [*words(self.settings["REELGATE_CORS_ORIGINS"]), self._origin("gateway")],  # the console's
            "method": ["GET", "HEAD", "PUT", "POST", "DELETE"],
            "responseHeader": [
                *("Content-Type", "Content-Range", "Content-Disposition", "Location", "Range", "ETag"),
                *("x-goog-resumable", "x-goog-generation", "x-goog-hash", "x-goog-if-generation-match"),
                *("x-goog-content-length-range", "x-goog-meta-upload-id", "X-Upload-Content-Length"),
                *TRACING_HEADERS,
            ],
            "maxAgeSeconds": 3600,
        }
        key = {
            "access_id": self.settings["REELGATE_HMAC_ACCESS_ID"],
            "secret": self.settings["REELGATE_HMAC_SECRET"],
            "service_account": self.settings["REELGATE_SIGNER_ACCOUNT"],
        }
        logs = usage_logs_bucket(self.settings)
        bucket = {
            "name": self.settings["REELGATE_MEDIA_BUCKET"],
            "cors": [cors],
            "logging": {"logBucket": logs, "logObjectPrefix": "media"},
        }
        # This bucket has no trigger: objects that functions write there start no function. Grants say which sites may play.
        derived = {
            "name": derived_bucket(self.settings),
            "cors": [derived_cors],
            "logging": {"logBucket": logs, "logObjectPrefix": "derived"},
        }
        buckets = [bucket, derived, {"name": logs}]
        config = self._state.write_config("storage", {"buckets": buckets, "hmac_keys": [key], "rsa_keys": []})
        return self._python("storage", "--host", HOST, "--data", self._data("storage"), "--config", str(config))

    def _scheduler(self) -> Service:
        address = f"{HOST}:{port_of('scheduler', self._base)}"
        target = f"{self._origin('reset_daily')}/"
        declare = (PYTHON, "-m", "localcloud.supervisor.services.jobs", "--scheduler", address, "--target", target)

        def set_up() -> None:
            done = subprocess.run(declare, cwd=ROOT, env=self._plain, capture_output=True, text=True, check=False, timeout=60)
            if done.returncode:
                raise RuntimeError(f"the jobs could not be created:\n{done.stderr.strip()}")

        return self._python("scheduler", set_up=set_up)

    def _eventarc(self) -> Service:
        buckets = {"finalize": self.settings["REELGATE_MEDIA_BUCKET"], "settle_egress": usage_logs_bucket(self.settings)}
        triggers = [
            {
                "name": name,
                "type": "google.cloud.storage.object.v1.finalized",
                "bucket": bucket,
                "url": f"{self._origin(name)}/",
            }
            for name, bucket in buckets.items()
        ]
        config = self._state.write_config("eventarc", {"storage_url": self._origin("storage"), "triggers": triggers})
        return self._python("eventarc", "--data", self._data("eventarc"), "--config", str(config))

    def _mail(self) -> Service:
        config = self._state.write_config("mail", {"webhook_secret": self._state.webhook_secret()})
        smtp_port = str(port_of("smtp", self._base))
        return self._python("mail", "--smtp-port", smtp_port, "--config", str(config))

    def _firestore(self) -> Service:
        port = port_of("firestore", self._base)
        command = google_emulators.firestore_command(port, self._state.path.absolute() / "snapshots")
        clean_up = google_emulators.container_clean_up("firestore", port)
        warm_up = partial(warm_up_firestore, port)
        snapshots = self._snapshots
        resume = snapshots.firestore_arguments if snapshots else tuple

        def set_up() -> None:
            warm_up()
            if snapshots:
                snapshots.import_records(port)

        # Without it, Java finds no file whose path has non-ASCII letters.
        env = {**self._plain, "LC_ALL": "C.UTF-8"}
        return self._service(
            "firestore",
            *command,
            health_path="/",
            set_up=set_up,
            further_arguments=resume,
            clean_up=clean_up,
            env=env,
        )

    def _pubsub(self) -> Service:
        port = port_of("pubsub", self._base)
        origins = {name: self._origin(name) for name in FUNCTIONS}
        declare = partial(topics.create_all, port, topics.topic_names(self.settings), topics.PUSH_SUBSCRIPTIONS, origins)
        command = google_emulators.pubsub_command(port)
        clean_up = google_emulators.container_clean_up("pubsub", port)
        return self._service("pubsub", *command, health_path="/", set_up=declare, clean_up=clean_up)

    def _auth(self) -> Service:
        server = str(ROOT / "localcloud" / "auth" / "server.cjs")
        # firebase-tools keeps settings of its own; they must not mix with the developer's.
        env = {**self._plain, "XDG_CONFIG_HOME": self._data("auth")}
        port = str(port_of("auth", self._base))
        command = ("node", server, str(NODE_MODULES), PROJECT, port)
        resume = self._snapshots.auth_arguments if self._snapshots else tuple
        return self._service("auth", *command, health_path="/", further_arguments=resume, env=env)

    def _function(self, name: str) -> Service:
        framework = str(Path(PYTHON).parent / "functions-framework")
        source = str(ROOT / "functions" / name / "main.py")
        # A home of its own: no credentials of the developer, and gunicorn's control socket is not shared by all functions.
        home = {"HOME": self._data(name), "XDG_RUNTIME_DIR": self._data(name)}
        env = {**self._plain, **home, **emulator_hosts(self._base), **self.settings}
        return self._service(
            name,
            *(framework, "--target", name, "--source", source, "--asgi"),
            *("--host", HOST, "--port", str(port_of(name, self._base))),
            env=env,
            # functions_framework answers this path itself, with 404, without calling the function.
            health_path="/robots.txt",
            any_status_is_ready=True,
        )

    def _data(self, name: str) -> str:
        folder = self._state.data(name)
        folder.mkdir(mode=0o700, exist_ok=True)
        return str(folder)
