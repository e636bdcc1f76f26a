"""paramiko carries the connection: one, and every command is a channel of it."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable

import paramiko

from dkai.compute.host.shell import CHUNK, After, Ask, Feed, Keep, Tail, lost, timed_out, wrap
from dkai.compute.host.ssh_connect import Way, open_way
from dkai.compute.site import Site


class ParamikoShell:
    """An open connection that paramiko carries."""

    def __init__(self, way: Way) -> None:
        self._way = way
        self.name = str(way.endpoint)

    @classmethod
    def connect(cls, site: Site, ask: Ask | None) -> ParamikoShell:
        """Connect and log in. Raises RemoteError or UserError."""
        return cls(open_way(site, ask))

    def close(self) -> None:
        """Close the connection."""
        self._way.close()

    def run(self, script: str, feed: Feed | None, keep: Keep | None, patience: float) -> tuple[int, bytes]:
        """Run `script` in a plain sh, as one channel."""
        wrapped = wrap(script)
        channel = self._open_channel()
        errors = Tail()
        feeding: list[BaseException] = []

        def write_all() -> None:
            try:
                if feed is not None:
                    feed(channel.sendall)
                channel.shutdown_write()
            except (OSError, EOFError, paramiko.SSHException):
                pass  # the other side stopped reading: its exit code or the lost connection says why
            except BaseException as error:  # carried to the caller's thread
                feeding.append(error)
                _close(channel)

        try:
            channel.settimeout(patience)
            channel.exec_command(wrapped.line)
            writer = threading.Thread(target=write_all, daemon=True)
            talker = threading.Thread(target=_listen, args=(channel, After(wrapped.mark, errors.add)), daemon=True)
            writer.start()
            talker.start()
            _read_all(channel.recv, After(wrapped.mark, keep or (lambda _: None)))
            talker.join(patience)
            code = self._exit_code(channel, patience)
            writer.join(5)
        except TimeoutError as error:
            raise timed_out(self.name, patience) from error
        except (paramiko.SSHException, EOFError, ConnectionError) as error:
            raise lost(self.name, error) from error
        finally:
            _close(channel)
        if feeding:
            raise feeding[0]
        if code < 0:
            raise lost(self.name, None)
        return code, errors.bytes()

    def _open_channel(self) -> paramiko.Channel:
        try:
            return self._way.transport.open_session(timeout=30)
        except (paramiko.SSHException, EOFError, OSError) as error:
            raise lost(self.name, error) from error

    def _exit_code(self, channel: paramiko.Channel, patience: float) -> int:
        end = time.monotonic() + patience
        while not channel.exit_status_ready():
            if channel.closed or not self._way.transport.is_active():
                break
            if time.monotonic() > end:
                raise TimeoutError
            time.sleep(0.005)
        return int(channel.recv_exit_status()) if channel.exit_status_ready() else -1


def _close(channel: paramiko.Channel) -> None:
    # Saying goodbye over a connection that is gone raises too.
    with contextlib.suppress(OSError, EOFError, paramiko.SSHException):
        channel.close()


def _listen(channel: paramiko.Channel, keep: Callable[[bytes], object]) -> None:
    """Read stderr to its end; that it is silent while stdout talks is no fault."""
    while not channel.closed:
        with contextlib.suppress(TimeoutError):
            _read_all(channel.recv_stderr, keep)
            return


def _read_all(receive: Callable[[int], bytes], keep: Callable[[bytes], object]) -> None:
    while data := receive(CHUNK):
        keep(data)
