import json
import re
import subprocess
from pathlib import Path

from localcloud.supervisor.services.environment import (
    OWN_VARIABLES,
    base_environment,
    client_environment,
    export_lines,
    product_settings,
)
from localcloud.supervisor.services.factory import ServiceFactory
from localcloud.supervisor.state.folder import ROOT, StateFolder
from reelgate.config import Settings


def test_functions_get_local_defaults_under_what_the_caller_set() -> None:
    settings = product_settings({"REELGATE_STORAGE_LIMIT_BYTES": "5", "REELGATE_CORS_ORIGINS": "http://a"}, "secret")
    assert settings["REELGATE_STORAGE_LIMIT_BYTES"] == "5"
    assert settings["REELGATE_CORS_ORIGINS"] == "http://a"
    assert settings["REELGATE_HMAC_SECRET"] == "secret"
    assert settings["REELGATE_MEDIA_BUCKET"] == "demo-reelgate-media"


def test_nothing_of_the_callers_credentials_proxies_or_other_cloud_reaches_a_process() -> None:
    caller = {
        "PATH": "/usr/bin",
        "HOME": "/home/ada",
        "GOOGLE_APPLICATION_CREDENTIALS": "key.json",
        "GOOGLE_CLOUD_PROJECT": "a-real-one",
        "HTTP_PROXY": "http://proxy",
        "REELGATE_STORAGE_URL": "http://other",
    }
    everything = {**base_environment(caller), **product_settings(caller, "secret")}
    assert not {"GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CLOUD_PROJECT", "HTTP_PROXY", "REELGATE_STORAGE_URL"} & set(
        everything
    )
    assert everything["PATH"].endswith(":/usr/bin")


def test_every_setting_of_the_product_can_be_overridden_and_no_other() -> None:
    source = "".join(path.read_text() for path in (ROOT / "src" / "reelgate" / "config").glob("*.py"))
    fixed = {"REELGATE_MEDIA_DATABASE"}  # snapshots save it under the name that it always has
    for name in set(re.findall(r'"(REELGATE_[A-Z_]+)"', source)) - fixed:
        assert product_settings({name: "set"}, "secret")[name] == "set"
    defaults = product_settings({}, "secret")
    others = {*fixed, *OWN_VARIABLES, *client_environment(9000, "media")} - {"REELGATE_MEDIA_BUCKET"}
    assert product_settings({**dict.fromkeys(others, "set"), "REELGATE_SIGNER": ""}, "secret") == defaults


def test_the_product_accepts_what_a_function_gets(tmp_path) -> None:
    state = StateFolder(21000, tmp_path)
    state.create()
    (upload,) = ServiceFactory(state, {"REELGATE_DAILY_LIMIT_BYTES": "7"}).make(("upload",))
    settings = Settings.from_env(upload.env)
    assert settings.policy.default_limits.daily_bytes == 7
    assert settings.storage_url == "http://127.0.0.1:21001"
    assert settings.hmac_secret == state.hmac_secret()
    assert settings.auth_emulator
    assert state.hmac_secret() not in repr(upload)


def test_a_shell_reads_the_export_lines_back() -> None:
    wanted = {**client_environment(8080, "media"), "ODD": "it's $HOME `x` \\"}
    shown = subprocess.run(
        ["sh", "-c", f"{export_lines(wanted)}\nenv"], capture_output=True, text=True, check=True, env={}
    ).stdout
    found = dict(line.split("=", 1) for line in shown.splitlines())
    assert {name: found[name] for name in wanted} == wanted


def test_the_client_environment_has_every_promised_name_and_no_secret() -> None:
    environment = client_environment(9000, "media")
    assert environment["REELGATE_URL"] == "http://127.0.0.1:9000"
    assert environment["REELGATE_FINALIZE_URL"] == "http://127.0.0.1:9014"
    assert environment["STORAGE_EMULATOR_HOST"] == "http://127.0.0.1:9001"
    assert environment["FIRESTORE_EMULATOR_HOST"] == "127.0.0.1:9003"
    assert environment["PUBSUB_EMULATOR_HOST"] == "127.0.0.1:9004"
    assert environment["FIREBASE_AUTH_EMULATOR_HOST"] == "127.0.0.1:9005"
    assert environment["GOOGLE_CLOUD_PROJECT"] == "demo-reelgate"
    assert not [name for name in environment if "SECRET" in name]


def test_mails_go_to_the_local_cloud_unless_the_caller_has_a_server(tmp_path) -> None:
    state = StateFolder(21000, tmp_path)
    state.create()
    (notify,) = ServiceFactory(state, {}).make(("notify",))
    settings = Settings.from_env(notify.env).notifications
    assert settings.mail is not None
    assert (settings.mail.host, settings.mail.port, settings.mail.security) == ("127.0.0.1", 21007, "none")
    (endpoint,) = settings.channels.endpoints
    assert endpoint.url == "http://127.0.0.1:21008/_emulator/webhooks/local"
    assert state.webhook_secret() not in repr(notify)
    assert ServiceFactory(state, {}).settings["REELGATE_WEBHOOKS"] == notify.env["REELGATE_WEBHOOKS"]  # also after a restart
    own = {"REELGATE_SMTP_HOST": "smtp.example.com", "REELGATE_MAIL_FROM": "a@example.com"}
    (notify,) = ServiceFactory(state, own).make(("notify",))
    mail = Settings.from_env(notify.env).notifications.mail
    assert mail is not None
    assert (mail.host, mail.port, mail.security) == ("smtp.example.com", 587, "starttls")


def test_the_console_and_sites_that_may_call_the_api_may_upload_and_all_may_read_what_a_signed_url_opens(tmp_path) -> None:
    state = StateFolder(21000, tmp_path)
    state.create()
    console = "http://127.0.0.1:21000"
    for setting, origins in (
        (None, ["*"]),
        ("https://a.example, http://localhost:3000", ["https://a.example", "http://localhost:3000"]),
    ):
        caller = {"REELGATE_CORS_ORIGINS": setting} if setting else {}
        (storage,) = ServiceFactory(state, caller).make(("storage",))
        config = json.loads(Path(storage.command[storage.command.index("--config") + 1]).read_text())
        assert [bucket["cors"][0]["origin"] for bucket in config["buckets"] if "cors" in bucket] == [[*origins, console], ["*"]]
