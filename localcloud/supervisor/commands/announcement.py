"""What `up` prints when everything answers."""

from localcloud.supervisor.commands.command_line import command_of
from localcloud.supervisor.services.environment import client_environment
from localcloud.supervisor.state.folder import StateFolder


def announce(state: StateFolder, bucket: str, names: tuple[str, ...], seconds: float, *, detached: bool) -> None:
    """Print where everything is and what to try first."""
    environment = client_environment(state.base_port, bucket)
    shown = {
        "gateway": ("API", environment["REELGATE_URL"]),
        "storage": ("Cloud Storage", f"{environment['REELGATE_STORAGE_URL']}  bucket {bucket}"),
        "firestore": ("Firestore", environment["FIRESTORE_EMULATOR_HOST"]),
        "pubsub": ("Pub/Sub", environment["PUBSUB_EMULATOR_HOST"]),
        "auth": ("Firebase Auth", environment["FIREBASE_AUTH_EMULATOR_HOST"]),
        "scheduler": ("Cloud Scheduler", environment["REELGATE_SCHEDULER_URL"]),
        "eventarc": ("Eventarc", environment["REELGATE_EVENTARC_URL"]),
        "mail": ("Mails, webhooks", f"{environment['REELGATE_MAIL_URL']}/_emulator/mails and /webhooks"),
    }
    lines = [f"Ready in {seconds:.1f} s."]
    if {"gateway", "auth", "console"} <= set(names):
        lines += [
            f"Open {environment['REELGATE_URL']}/ in a browser, and create an account there; nothing leaves this machine."
        ]
        lines += [f"Or let '{command_of(state, 'user')}' make one ('{command_of(state, 'user --admin')}': an admin's)."]
    lines += [f"  {title:<16} {where}" for name, (title, where) in shown.items() if name in names]
    lines += [f"  {'logs':<16} {state.path / 'logs'}"]
    if {"gateway", "auth"} <= set(names):
        token = f"$({command_of(state, 'token me@example.com')})"
        lines += ["Try:", f'  curl -H "Authorization: Bearer {token}" {environment["REELGATE_URL"]}/v1/usage']
    stop = f"'{command_of(state, 'down')}' stops it."
    lines += [f'{"In a shell" if detached else "In another shell"}: eval "$({command_of(state, "env")})"']
    lines += [stop if detached else f"Ctrl-C or {stop}"]
    print("\n".join(lines), flush=True)
