"""paramiko carries the connection: one, and every command is a channel of it."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from dkai.compute.host.answers import AskOnce
from dkai.compute.host.lean import paramiko
from dkai.compute.host.shell import CHUNK, After, Feed, Keep, Tail, lost, timed_out, wrap
from dkai.compute.host.ssh_config import Hop
from dkai.compute.host.ssh_connect import Way, open_way
from dkai.core.errors import RemoteError

WINDOW = 8 << 20  # bytes under way to us: at 100 ms a round trip, 80 MB/s
_LOOK_S = 0.5  # how often a silent channel is looked at


class ParamikoShell:
    """An open connection that paramiko carries."""

    transport = "paramiko"

    def __init__(self, way: Way, why: str, asked: bool) -> None:
        self._way = way
        self.name = str(way.endpoint)
        self.why = why
        self.asked = asked
        self._first: paramiko.Channel | None = None

    @classmethod
    def connect(cls, route: Sequence[Hop], ask: AskOnce, why: str = "") -> ParamikoShell:
        """Connect and log in. Raises RemoteError or UserError."""
        shell = cls(open_way(route, ask), why, ask.asked)
        # The first channel is what a login node takes longest over (it sets up the session): begun with the connection,
        # that goes by while dkai does something else. The first command takes it.
        with contextlib.suppress(RemoteError):
            shell._first = shell._open_channel()
        return shell

    def close(self) -> None:
        """Close the connection."""
        self._way.close()

    def run(self, script: str, feed: Feed | None, keep: Keep | None, patience: float) -> tuple[int, bytes]:
        """Run `script` in a plain sh, as one channel."""
        wrapped = wrap(script)
        channel = self._open_channel()
        errors = Tail()
        ours: list[BaseException] = []  # what `feed` and `keep` raise goes through as it is
        quiet = _Quiet(patience)

        def ended_by(error: BaseException) -> None:
            ours.append(error)
            _close(channel)

        def kept(data: bytes) -> None:
            try:
                if keep is not None:
                    keep(data)
            except BaseException as error:
                ended_by(error)
                raise EOFError from error

        try:
            channel.settimeout(_LOOK_S)
            channel.exec_command(wrapped.line)
            writer = _start(_feed, channel, feed, quiet, ended_by)
            talker = _start(_listen_to_errors, channel, After(wrapped.mark, errors.add), quiet)
            _listen(channel, channel.recv, After(wrapped.mark, kept), quiet)
            talker.join(patience)
            code = self._exit_code(channel, patience)
            writer.join(5)
        except (paramiko.SSHException, EOFError, OSError) as error:
            if ours:
                raise ours[0] from None
            if isinstance(error, TimeoutError):
                raise timed_out(self.name, patience) from error
            raise lost(self.name, error) from error
        finally:
            _close(channel)
        if ours:
            raise ours[0]
        if code < 0:
            raise lost(self.name, None)
        return code, errors.bytes()

    def _open_channel(self) -> paramiko.Channel:
        first, self._first = self._first, None
        if first is not None and not first.closed:
            return first
        try:
            return self._way.transport.open_session(window_size=WINDOW, timeout=30)
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


def _start(work: Callable[..., None], *args: Any) -> threading.Thread:
    thread = threading.Thread(target=work, args=args, daemon=True)
    thread.start()
    return thread


def _feed(
    channel: paramiko.Channel, feed: Feed | None, quiet: _Quiet, ended_by: Callable[[BaseException], None]
) -> None:
    try:
        if feed is not None:
            feed(lambda data: _send(channel, data, quiet))
        channel.shutdown_write()
    except (OSError, EOFError, paramiko.SSHException):
        pass  # the other side stopped reading: its exit code or the lost connection says why
    except BaseException as error:
        ended_by(error)


def _listen_to_errors(channel: paramiko.Channel, keep: Callable[[bytes], object], quiet: _Quiet) -> None:
    # That it is silent while stdout talks is no fault, and the end of stdout says what broke.
    with contextlib.suppress(TimeoutError, EOFError, paramiko.SSHException):
        _listen(channel, channel.recv_stderr, keep, quiet)


def _send(channel: paramiko.Channel, data: bytes, quiet: _Quiet) -> None:
    view = memoryview(data)
    while view:
        try:
            sent = channel.send(bytes(view[:CHUNK]))
        except TimeoutError:
            if channel.closed or quiet.too_long():
                raise
            continue
        if sent == 0:
            raise EOFError
        quiet.heard()
        view = view[sent:]


def _close(channel: paramiko.Channel) -> None:
    # Saying goodbye over a connection that is gone raises too.
    with contextlib.suppress(OSError, EOFError, paramiko.SSHException):
        channel.close()


class _Quiet:
    """For how long nothing has come and nothing has gone."""

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._since = time.monotonic()

    def heard(self) -> None:
        """Something moved."""
        self._since = time.monotonic()

    def too_long(self) -> bool:
        """Whether patience is at its end."""
        return time.monotonic() - self._since > self._patience


def _listen(
    channel: paramiko.Channel, receive: Callable[[int], bytes], keep: Callable[[bytes], object], quiet: _Quiet
) -> None:
    """Read one stream to its end. Raises TimeoutError when neither it nor anything else of the channel moves."""
    while True:
        try:
            data = receive(CHUNK)
        except TimeoutError:
            if channel.closed or quiet.too_long():
                raise
            continue
        if not data:
            return
        quiet.heard()
        keep(data)
