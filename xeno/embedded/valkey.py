"""The embedded Valkey: started when nobody runs it, stopped in order."""

import signal
import subprocess
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from xeno.embedded.binaries import valkey_server
from xeno.embedded.errors import EngineError
from xeno.embedded.home import Home
from xeno.embedded.processes import explain, find_server, plain_environment, stop_server, wait_until
from xeno.embedded.sockets import open_sockets

# relative paths throughout: the server works in its folder, whose own path may hold any character
SETTINGS = """\
# written by Xeno at every start
port 0
unixsocket {socket}
unixsocketperm 700
daemonize yes
pidfile valkey.pid
logfile valkey.log
loglevel warning
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
"""
STOP = ((signal.SIGTERM, 15.0), (signal.SIGKILL, 5.0))


def start(home: Home) -> None:
    """Bring Valkey up; does nothing where it already is."""
    home.valkey.mkdir(mode=0o700, exist_ok=True)
    open_sockets(home)
    # one that is found may be dying just now: then it is started after all
    while not _answers(home):
        pid = _running(home)
        if pid is None:
            _start_server(home)
        elif not wait_until(lambda: _answers(home) or _running(home) is None, 30):
            raise EngineError(
                f"Valkey of {home.path} runs (process {pid}) and does not answer:"
                f" stop it first (kill {pid})."
            )


def stop(home: Home) -> None:
    """Stop Valkey; what it acknowledged is in its append-only file."""
    pid = _running(home)
    if pid is not None:
        stop_server(pid, STOP)
    (home.valkey / "valkey.pid").unlink(missing_ok=True)
    home.valkey_socket.unlink(missing_ok=True)


def _running(home: Home) -> int | None:
    return find_server("valkey-server", home.valkey / "valkey.pid", home.valkey)


def _start_server(home: Home) -> None:
    settings = home.valkey / "valkey.conf"
    settings.write_text(SETTINGS.format(socket=home.valkey_socket))
    log = home.valkey / "valkey.log"
    before = log.stat().st_size if log.exists() else 0
    done = _run([str(valkey_server()), settings.name], home.valkey)
    if done.returncode == 0 and wait_until(lambda: _answers(home), 30):
        return
    written = log.read_bytes()[before:].decode(errors="replace") if log.exists() else ""
    raise explain("Valkey", "REDIS_URL", written or done.stdout, log)


def _run(argv: list[str], cwd: Path) -> subprocess.CompletedProcess[str]:
    # a session of its own: Ctrl-C in the terminal is for us, who then stop the server in order
    return subprocess.run(  # noqa: S603 - the wheel's own program
        argv,
        cwd=cwd,
        env=plain_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
        check=False,
    )


def _answers(home: Home) -> bool:
    # redis-py by itself tries a socket that is not there again for seconds
    once = Retry(NoBackoff(), 0)
    path = str(home.valkey_socket)
    with redis.Redis(unix_socket_path=path, socket_timeout=5, retry=once) as client:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
