"""A small HTTP server with bad habits: python server_process.py PORT [HABIT...].

Habits: ignore-term, worker, heir, stray-heir, dies-once FILE, never.
"""

import os
import signal
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()


port, habits = int(sys.argv[1]), sys.argv[2:]
if "ignore-term" in habits:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if "worker" in habits:
    worker = subprocess.Popen([sys.executable, "-c", "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(600)"])
    print(f"worker {worker.pid}", flush=True)
if "never" in habits:
    sys.exit("it was never meant to be")
if "dies-once" in habits:
    mark = Path(habits[habits.index("dies-once") + 1])
    if not mark.exists():
        mark.touch()
        sys.exit("oh no, the first start failed")
server = HTTPServer(("127.0.0.1", port), Handler)
if (heir := {"heir", "stray-heir"}.intersection(habits)) and os.fork() == 0:
    # It listens on the same socket, as a server's workers do; the stray one has left the process group, too.
    if heir == {"stray-heir"}:
        os.setsid()
    print(f"worker {os.getpid()}", flush=True)
server.serve_forever()
