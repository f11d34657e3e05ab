"""What a file that takes over the converter's process can do from there: each thing works in a process that is not confined."""

from __future__ import annotations

import functools
import http.server
import json
import logging
import os
import pkgutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import av
import pytest

from reelgate.adapters.pyav.process import process as process_module
from reelgate.adapters.pyav.process.confinement import FILTER, NETWORK
from reelgate.adapters.pyav.process.process import PyavConverter
from reelgate.domain.media.containers import HEAD_BYTES, container_of
from tests.fixtures.media.converted_media import convert
from tests.fixtures.media.more_media import PICTURES, SOUND, make
from tests.fixtures.media_files import SOUND as FORMATS
from tests.fixtures.media_files import VIDEO, make_media
from tests.unit.media.test_converter_process import Sink, Source, examine, extract, with_child

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="seccomp and namespaces are Linux's")

SCRIPT = """
import ctypes, errno, json, mmap, os, signal, socket, subprocess, sys, threading, urllib.request
from reelgate.adapters.pyav.process import confinement
libc = ctypes.CDLL(None, use_errno=True)
address, path, without, attacks = sys.argv[1:]
ready_made = socket.socket()
if without == "no filter":
    confinement._filter_system_calls = lambda _: False

def call(name, *arguments):
    if getattr(libc, name)(*arguments) == -1:
        raise OSError(ctypes.get_errno(), name)

def connect(sock):
    host, port = address.split(":")
    sock.settimeout(5)
    sock.connect((host, int(port)))

def fork():
    pid = os.fork()
    if not pid:
        os._exit(0)
    os.waitpid(pid, 0)

def threads(count):
    end = threading.Event()
    all = [threading.Thread(target=end.wait, daemon=True) for _ in range(count)]
    try:
        for one in all:
            one.start()
    finally:
        end.set()

if without != "confinement":
    confinement.confine()
outcomes = {}
for name, attack in json.loads(attacks).items():
    try:
        eval(attack)
    except (OSError, RuntimeError) as error:
        outcomes[name] = f"refused: {errno.errorcode.get(getattr(error, 'errno', None), error)}"
    else:
        outcomes[name] = "done"
print(json.dumps(outcomes), flush=True)
os._exit(0)
"""

ATTACKS = {
    "a socket": "socket.socket()",
    "a socket of the kernel": "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)",
    "a connection of a socket that is there": "connect(ready_made)",
    "a pair of sockets": "socket.socketpair()",
    "a pipe": "os.pipe()",
    "a process": "fork()",
    "a program": "os.waitpid(os.posix_spawn('/bin/true', ['true'], {}), 0)",  # else its signal stops one that is traced
    "a file to write": "open(path, 'w')",
    "a file to read": "open('/etc/passwd')",
    "the environment of the function": "open(f'/proc/{os.getppid()}/environ', 'rb').read()",
    "its own memory as a file": "open('/proc/self/mem', 'rb')",
    "the names of files": "os.listdir('/')",
    "whether a file exists": "os.stat('/etc/passwd')",
    "to remove a file": "os.unlink(path)",
    "a directory": "os.mkdir(path + '.d')",
    "a file in memory": "os.memfd_create('code')",
    "a signal to the function": "os.kill(os.getppid(), 0)",
    "to be traced": "call('ptrace', 0, 0, 0, 0)",
    "memory of processes": "call('process_vm_readv', os.getpid(), None, 0, None, 0, 0)",
    "new code": "mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)",
    "a limit undone": "call('prctl', 4, 1, 0, 0, 0)",
}
"""What can be done without rights of an administrator."""

KERNEL = {
    "mount": "call('mount', None, None, None, 0, None)",
    "namespaces": "call('unshare', -1)",
    "bpf": "call('syscall', 321 if os.uname().machine == 'x86_64' else 280, 0, 0, 0)",
    "performance counters": "call('syscall', 298 if os.uname().machine == 'x86_64' else 241, 0, 0, 0, 0, 0)",
    "keys": "call('syscall', 250 if os.uname().machine == 'x86_64' else 219, -1, 0, 0, 0, 0)",
    "clone3": "call('syscall', 435, 0, 0)",
}
"""Calls with arguments that are wrong: Linux says so, the filter does not know them."""


@pytest.fixture(scope="module")
def metadata() -> Iterator[str]:
    """The address of an HTTP server on this machine, in the place of Google's metadata server."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


def outcomes(attacks: dict[str, str], folder: Path, *, address: str = "127.0.0.1:9", without: str = "") -> dict[str, str]:
    """Return what came of attacks in a process of its own, confined unless told otherwise."""
    (folder / "file").touch()
    environment = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, "-c", SCRIPT, address, str(folder / "file"), without, json.dumps(attacks)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert not done.stderr
    told: dict[str, str] = json.loads(done.stdout)
    return told


def outcome(attack: str, folder: Path, **more: str) -> str:
    return outcomes({"": attack}, folder, **more)[""]


@functools.cache
def refused_here() -> tuple[str, ...]:
    """What this machine does not allow, such as namespaces in a container."""
    script = "from reelgate.adapters.pyav.process import confinement; print(*confinement.confine(), sep='\\n')"
    environment = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    return tuple(subprocess.check_output([sys.executable, "-c", script], env=environment, text=True).splitlines())


def test_what_a_process_can_do_is_not_left_to_a_confined_one(tmp_path: Path, metadata: str) -> None:
    plain = outcomes(ATTACKS, tmp_path, address=metadata, without="confinement")
    assert plain == dict.fromkeys(ATTACKS, "done")
    assert outcomes(ATTACKS, tmp_path, address=metadata) == dict.fromkeys(ATTACKS, "refused: ENOSYS")


def test_the_kernel_s_rarer_calls_do_not_exist(tmp_path: Path) -> None:
    plain = outcomes(KERNEL, tmp_path, without="confinement")
    assert {name: told for name, told in plain.items() if not told.startswith("refused: ") or told == "refused: ENOSYS"} == {}
    assert outcomes(KERNEL, tmp_path) == dict.fromkeys(KERNEL, "refused: ENOSYS")


@pytest.mark.parametrize("confined", [False, True])
def test_no_program_takes_its_place(confined: bool) -> None:
    script = (
        "import errno, os\n"
        "from reelgate.adapters.pyav.process import confinement\n"
        f"{'confinement.confine()' if confined else ''}\n"
        "try: os.execv('/bin/echo', ['echo', 'done'])\n"
        "except OSError as error: print(errno.errorcode[error.errno])\n"
    )
    environment = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    told = subprocess.check_output([sys.executable, "-c", script], env=environment, text=True)
    assert told.strip() == ("ENOSYS" if confined else "done")


def test_there_is_no_network_even_without_the_filter(tmp_path: Path, metadata: str) -> None:
    if NETWORK in refused_here():
        pytest.skip("this machine allows no network namespaces")
    attack = "connect(socket.socket())"
    assert outcome(attack, tmp_path, address=metadata, without="confinement") == "done"
    assert outcome(attack, tmp_path, address=metadata, without="no filter") == "refused: ENETUNREACH"
    assert outcome(attack, tmp_path, address="169.254.169.254:80", without="no filter") == "refused: ENETUNREACH"


def test_threads_are_bounded(tmp_path: Path) -> None:
    assert outcome("threads(16)", tmp_path) == "done"
    if FILTER in refused_here() or NETWORK in refused_here():
        pytest.skip("this machine allows no namespaces: the kernel counts the threads of all of a user's processes")
    assert outcome("threads(100)", tmp_path, without="confinement") == "done"
    assert outcome("threads(100)", tmp_path).startswith("refused: can't start new thread")


@pytest.mark.skipif(os.geteuid() != 0, reason="not root, whose files nobody else may read")
def test_root_becomes_nobody(tmp_path: Path) -> None:
    """So the function's environment and files are out of reach even where the platform has no filters."""
    name = "the environment of the function"
    attacks = {name: ATTACKS[name], "files": "open('/etc/shadow')", "root": "os.setuid(0)"}
    assert set(outcomes(attacks, tmp_path, without="confinement").values()) == {"done"}
    told = outcomes(attacks, tmp_path, without="no filter")
    assert (told[name], told["files"]) == ("refused: EACCES", "refused: EACCES")
    assert told["root"] in {"refused: EPERM", "refused: EINVAL"}  # without rights, or without such a user in its namespace


def test_the_function_hides_its_memory() -> None:
    """From processes of the same user, on platforms without filters."""
    script = (
        "import ctypes, os, sys\n"
        "from reelgate.adapters.pyav.process.confinement import hide_memory\n"
        "if os.geteuid() == 0: os.setresuid(65534, 65534, 65534); ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)\n"
        "if sys.argv[1] == 'hidden': hide_memory()\n"
        "pid = os.fork()\n"
        "if pid == 0:\n"
        "    try: open(f'/proc/{os.getppid()}/environ', 'rb').read(); os._exit(0)\n"
        "    except PermissionError: os._exit(13)\n"
        "print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))\n"
    )
    environment = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    told = [subprocess.check_output([sys.executable, "-c", script, how], env=environment) for how in ("open", "hidden")]
    assert told == [b"0\n", b"13\n"]


async def test_the_converter_s_process_is_confined_before_it_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel's word for it, at the first byte of the file that it asks for."""
    start, seen = process_module._start, list[dict[str, str]]()
    pids = list[int]()

    async def started() -> object:
        process, *pipes = await start()
        pids.append(process.pid)
        return process, *pipes

    class Watched(Source):
        async def read(self, start: int, length: int) -> bytes:
            lines = Path(f"/proc/{pids[0]}/status").read_text().splitlines()  # noqa: ASYNC240 - the kernel answers at once
            seen.append(dict(line.split(":\t", 1) for line in lines if ":\t" in line))
            return await super().read(start, length)

    monkeypatch.setattr(process_module, "_start", started)
    await extract(Watched(make_media("mp4")), Sink())
    first = seen[0]
    assert (first["NoNewPrivs"], first["Seccomp"], int(first["CapEff"], 16)) == ("1", "2", 0)
    assert first["Uid"].split()[1] != "0"


@pytest.mark.parametrize("name", {**PICTURES, **SOUND, **FORMATS})
async def test_every_kind_of_file_converts_as_without_confinement(name: str) -> None:
    kinds = {**PICTURES, **SOUND}
    data = make(kinds[name]) if name in kinds else make_media(name, video=name in VIDEO)
    container = container_of(data[:HEAD_BYTES])
    assert container is not None
    examined = await examine(data)
    assert (examined.poster is not None) is (examined.facts.video_codec is not None)
    if examined.no_sound is None:
        sink = Sink()
        await extract(Source(data), sink, container=container)
        assert bytes(sink.data) == convert(data).mp3


def test_nothing_of_pyav_is_left_to_load() -> None:
    """A module that PyAV imports at the first file that needs it could not be found any more."""
    script = "import json, sys, reelgate.adapters.pyav.process.work; print(json.dumps(list(sys.modules)))"
    environment = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    loaded = json.loads(subprocess.check_output([sys.executable, "-c", script], env=environment))
    modules = {module.name for module in pkgutil.walk_packages(av.__path__, "av.")}
    assert modules - {"av.__main__", "av.datasets", "av.subtitles.subtitle"} <= set(loaded)


async def test_what_a_platform_refuses_is_logged_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with_child(
        monkeypatch,
        "from reelgate.adapters.pyav.process import confinement; "
        f"confinement.confine = lambda: [{FILTER!r}, {NETWORK!r}, 'a word that is not known']; ",
    )
    converter, data = PyavConverter(), make_media("mp4")
    container = container_of(data[:HEAD_BYTES])
    assert container is not None
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            assert (await converter.examine(Source(data), container, poster=True, seconds=20, tick=_quiet)).poster
    told = [(record.levelname, record.json_fields["confinement"]) for record in caplog.records]  # type: ignore[attr-defined]
    assert told == [("WARNING", f"without {FILTER} and {NETWORK}")]


async def _quiet(_: int) -> None:
    pass
