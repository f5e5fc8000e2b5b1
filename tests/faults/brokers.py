"""A Valkey of the test's own, to be killed, frozen, emptied and misconfigured."""

import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.faults.processes import wait_until
from xeno.embedded.binaries import valkey_server


class Broker:
    """One server on a Unix socket, without persistence: a restart begins empty."""

    def __init__(self) -> None:
        # Not pytest's folder: the path of a socket has 107 bytes at most.
        self.home = Path(tempfile.mkdtemp(prefix="xf-", dir="/tmp"))
        self.socket = self.home / "s"
        self.url = f"unix://{self.socket}?db=0"
        self.client = redis.Redis(
            unix_socket_path=str(self.socket), socket_timeout=5, retry=Retry(NoBackoff(), 0)
        )
        self.popen: subprocess.Popen[bytes] | None = None

    def start(self, *options: str) -> None:
        argv = [valkey_server(), "--port", "0", "--unixsocket", self.socket, "--save", ""]
        self.popen = subprocess.Popen(
            [*argv, "--appendonly", "no", "--maxmemory-policy", "noeviction", *options],
            cwd=self.home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        wait_until(self.answers, what="Valkey")

    def answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except redis.RedisError:
            return False

    def kill(self) -> None:
        """kill -9; what it held is gone."""
        if self.popen:
            self.popen.send_signal(signal.SIGKILL)
            self.popen.wait(20)
        self.popen = None
        self.socket.unlink(missing_ok=True)

    def refuse_writes(self, refused: bool = True) -> None:
        """As a server does that lost its replicas: reads are answered, writes are not."""
        self.client.config_set("min-replicas-to-write", int(refused))

    def end(self) -> None:
        self.kill()
        self.client.close()
        shutil.rmtree(self.home)
