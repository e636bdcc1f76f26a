"""The system's OpenSSH carries the connection: one, which every command shares.

ssh's own connection sharing does that: a first ssh logs in and goes on in the background (ControlMaster), the others
hand it their work over a socket in a folder of ours. That socket is held open for as long as dkai lives, so that the
connection outlives a dkai that was killed by seconds only. Where ssh cannot share (Windows), each command logs in.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import socket
import subprocess
import tempfile
import weakref
from collections.abc import Sequence
from pathlib import Path

from dkai.compute.host import host_keys, openssh_command, openssh_log, ssh_errors
from dkai.compute.host.answers import AskOnce, Kind, Prompt
from dkai.compute.host.host_keys import Shown
from dkai.compute.host.openssh_abilities import Abilities, abilities
from dkai.compute.host.openssh_command import ALONE, Leg
from dkai.compute.host.openssh_needs import control_path
from dkai.compute.host.openssh_process import Process, Silence
from dkai.compute.host.openssh_prompts import Prompts, Question, Want, in_our_words, notice
from dkai.compute.host.shell import After, Feed, Keep, Tail, lost, timed_out, wrap
from dkai.compute.host.ssh_config import Endpoint, Hop, one
from dkai.compute.site import Site
from dkai.core.errors import DkaiError, RemoteError
from dkai.core.files import cannot_write, private_folder

_LOGIN_S = 60.0  # a log-in in which nothing moves for so long is given up; a person who thinks is not
_LONGEST_FOLDER = 60  # bytes: a socket's whole path may have about 100, and ssh makes a longer one first


class _LogIn:
    """One log-in over the way's computers: its files, its questions, and its error."""

    def __init__(
        self, able: Abilities, site: Site, route: Sequence[Hop], live: Sequence[bool], *, ask: AskOnce, folder: Path,
        trust: str | None = None,
    ) -> None:  # fmt: skip
        # What comes before an open connection of the person's own need not be travelled again.
        first = max((place for place, open_one in enumerate(live) if open_one), default=0)
        self._able, self._site, self._ask, self._trust = able, site, ask, trust
        self.trusted: list[Endpoint] = []
        self._legs = [
            Leg(hop, folder / f"log-{place}", live[place], self._key_file(hop, folder / f"key-{place}"))
            for place, hop in enumerate(route)
            if place >= first
        ]
        self._asked: dict[tuple[int, str], Kind] = {}
        self._locked: dict[int, str] = {}
        self._said = folder / "said"
        self._process: Process | None = None
        self._prompts = Prompts(folder, self._heard)
        self._env = {**os.environ, **self._prompts.environment()}
        if len(self._legs) > 1 and os.name != "nt":
            self._env["SHELL"] = "/bin/sh"  # it reads our ProxyCommand

    def _key_file(self, hop: Hop, path: Path) -> Path | None:
        """Where an unknown host's key is written down; a known one's need not be."""
        if not self._able.shows_keys or one(hop.words, "knownhostscommand") or host_keys.lines_for(hop.endpoint):
            return None
        path.with_suffix(".sh").write_text(
            f'[ "$1" = NONE ] || printf \'%s %s\\n\' "$1" "$2" >{shlex.quote(str(path))}\n', encoding="utf-8"
        )
        return path

    def close(self) -> None:
        """No question is heard any more."""
        self._prompts.close()

    def process(self, how: Sequence[str], line: str | None = None, *, no_methods: bool = False) -> Process:
        """ssh to the last computer, ready to run."""
        for leg in self._legs:
            leg.log.unlink(missing_ok=True)
        self._asked.clear()
        argv = openssh_command.log_in(self._able, self._site, self._legs, how, no_methods=no_methods)
        self._process = Process([*argv, *([line] if line is not None else [])], self._env, self._answer)
        return self._process

    def run(self, how: Sequence[str], *, no_methods: bool = False) -> DkaiError | None:
        """Run ssh to its end without a command; returns why the log-in failed."""
        process = self.process(how, no_methods=no_methods)
        try:
            code = process.run(None, None, self._said, _LOGIN_S + 20 * len(self._legs))
        except Silence:
            return ssh_errors.connection_timeout(self._legs[openssh_log.stands_at(self._logs())].hop.endpoint)
        return self.failure() if code else None

    def failure(self) -> DkaiError:
        """Why ssh ended."""
        logs = self._logs()
        said = self._said.read_text(encoding="utf-8", errors="replace") if self._said.exists() else ""
        place = openssh_log.stands_at(logs)
        endpoint = self._legs[place].hop.endpoint
        error = openssh_log.failure([leg.hop.endpoint for leg in self._legs], logs, said)
        if error.code == "ssh-key-refused":
            kinds = {kind for (where, _), kind in self._asked.items() if where == place}
            if kinds & {Kind.CODE, Kind.PASSWORD}:
                return ssh_errors.not_accepted(endpoint)
            if place in self._locked:
                return ssh_errors.nobody_to_ask(endpoint, self._locked[place])
        if error.code == "unknown-host-key":
            return host_keys.unknown(endpoint, self._shown(place, logs))
        return error

    def _logs(self) -> list[str]:
        logs = []
        for leg in self._legs:
            text = leg.log.read_text(encoding="utf-8", errors="replace") if leg.log.exists() else ""
            logs.append(f"Authenticated to it before\n{text}" if leg.live else text)
        return logs

    def _heard(self, question: Question) -> None:
        if self._process is not None:
            self._process.heard(question)

    def _answer(self, question: Question) -> None:
        if question.want is Want.NOTICE:
            notice(question.words)
            return
        logs = self._logs()
        place = openssh_log.stands_at(logs)
        endpoint = self._legs[place].hop.endpoint
        if question.want is Want.HOST_KEY:
            self._see_host_key(question, endpoint, self._shown(place, logs))
            return
        prompt = in_our_words(question.words, endpoint, names_asker=self._able.names_asker)
        if (place, prompt) in self._asked:
            # It was not accepted. Asking again would only lock the account.
            raise _wrong(prompt, question.words, endpoint)
        self._asked[place, prompt] = prompt.kind
        given = self._ask(prompt, True)
        if given is None and prompt.kind is not Kind.PASSPHRASE:
            raise ssh_errors.nobody_to_ask(endpoint, question.words)
        if given is None:
            self._locked.setdefault(place, prompt)
        question.reply(given or "")  # without a passphrase ssh goes on with the next key

    def _see_host_key(self, question: Question, endpoint: Endpoint, shown: Shown) -> None:
        if "keys of different type are already known" in question.words:
            raise host_keys.changed(endpoint, shown)
        if self._trust is None or shown.fingerprint != self._trust:
            raise host_keys.unknown(endpoint, shown)
        private_folder(host_keys.file_for_new(endpoint).parent)
        self.trusted.append(endpoint)
        question.reply("yes")

    def _shown(self, place: int, logs: Sequence[str]) -> Shown:
        shown = openssh_log.host_key(logs[place])
        file = self._legs[place].key_file
        if file is not None and file.exists():
            kind, _, key = file.read_text(encoding="ascii", errors="replace").strip().partition(" ")
            if kind == shown.type:
                return Shown(shown.type, shown.fingerprint, key)
        return shown


def _wrong(prompt: Prompt, words: str, endpoint: Endpoint) -> RemoteError:
    if prompt.kind is Kind.PASSPHRASE:
        return ssh_errors.wrong_passphrase(words.partition("'")[2].rpartition("'")[0])
    return ssh_errors.not_accepted(endpoint)


class OpenSshShell:
    """An open connection that ssh carries."""

    transport = "openssh"

    def __init__(self, name: str, able: Abilities, path: Path | None, log_in: _LogIn | None, why: str) -> None:
        self.name, self.why, self.asked = name, why, False
        self._able = able
        self._path = path  # the socket of the shared connection; None: each command logs in
        self._log_in = log_in  # None: the connection is the person's own
        self._folder: Path | None = None
        self._hold: socket.socket | None = None

    @classmethod
    def connect(
        cls, site: Site, route: Sequence[Hop], ask: AskOnce, *, why: str = "", live: Sequence[bool] | None = None,
        able: Abilities | None = None,
    ) -> OpenSshShell:  # fmt: skip
        """Connect and log in. Raises RemoteError or UserError."""
        able = able or abilities()
        live = live or [False] * len(route)
        name = str(route[-1].endpoint)
        if live[-1]:
            return cls(name, able, control_path(route[-1].words), None, why)
        folder = private_place()
        log_in = _LogIn(able, site, route, live, ask=ask, folder=folder)
        shell = cls(name, able, folder / "s" if able.shares else None, log_in, why)
        shell._folder = folder
        weakref.finalize(shell, shutil.rmtree, folder, True)  # also where nobody closed it
        try:
            shell._open()
        except BaseException:
            shell.close()
            raise
        shell.asked = ask.asked
        return shell

    def _open(self) -> None:
        if self._log_in is None:
            return
        if self._path is None:
            self.run("exit 0\n", None, None, _LOGIN_S)
            return
        if error := self._log_in.run(openssh_command.master(self._path)):
            raise error
        self._hold = socket.socket(socket.AF_UNIX)
        try:
            self._hold.connect(str(self._path))
        except OSError as error:
            raise lost(self.name, error) from error

    def close(self) -> None:
        """Close the connection, unless it is the person's own."""
        if self._hold is not None and self._path is not None:
            with contextlib.suppress(OSError, subprocess.TimeoutExpired):
                subprocess.run(
                    openssh_command.end(self._able, self._path), capture_output=True, timeout=5, check=False,
                    stdin=subprocess.DEVNULL,
                )  # fmt: skip
            self._hold.close()
            self._hold = None
        if self._log_in is not None:
            self._log_in.close()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def run(self, script: str, feed: Feed | None, keep: Keep | None, patience: float) -> tuple[int, bytes]:
        """Run `script` in a plain sh, as one ssh."""
        wrapped = wrap(script, framed=True)
        errors, said = Tail(), Tail()
        after = After(wrapped.mark, errors.add)

        def err(data: bytes) -> None:
            said.add(data)
            after(data)

        try:
            code = self._process(wrapped.line).run(feed, After(wrapped.mark, keep or (lambda _: None)), err, patience)
        except Silence as error:
            raise timed_out(self.name, patience) from error
        ended, rest = wrapped.ending(errors.bytes())
        if ended is not None:
            return ended, rest
        if code not in (255, -15, -9) or after.begun:
            if code in (255, -15, -9):
                raise lost(self.name, None)
            return code, rest
        if self._path is None and self._log_in is not None:
            raise self._log_in.failure()
        raise lost(self.name, _words(said.bytes()))

    def _process(self, line: str) -> Process:
        if self._path is None and self._log_in is not None:
            return self._log_in.process(ALONE, line)
        argv = openssh_command.shared(self._able, self._path or Path(os.devnull), line)
        return Process(argv, os.environ, lambda _: None)


def _words(said: bytes) -> OSError | None:
    """Why a shared connection did not take a command, in ssh's words; it then tried a way that leads nowhere."""
    lines = said.decode("utf-8", "replace").splitlines()
    words = [line for line in lines if "UNKNOWN port" not in line and not line.startswith("kex_exchange")]
    return OSError(words[-1]) if words else None


def trust_through_openssh(
    site: Site, route: Sequence[Hop], fingerprint: str, ask: AskOnce, live: Sequence[bool] | None = None
) -> list[str]:
    """As `ssh_connect.trust_host_key`; ssh itself writes the key, as the configuration has it (HashKnownHosts)."""
    able, live = abilities(), live or [False] * len(route)
    if live[-1]:
        return []
    folder = private_place()
    log_in = _LogIn(able, site, route, live, ask=ask, folder=folder, trust=fingerprint)
    try:
        error = log_in.run([*ALONE, "-n", "-N"], no_methods=True)
        # No way to log in is left to the last computer on purpose: that it is refused means that its key was taken.
        if error is not None and error.code != "ssh-key-refused":
            raise error
    finally:
        log_in.close()
        shutil.rmtree(folder, ignore_errors=True)
    for endpoint in log_in.trusted:
        if not host_keys.lines_for(endpoint):
            raise cannot_write(host_keys.file_for_new(endpoint), OSError())
    return [endpoint.name for endpoint in log_in.trusted]


def private_place() -> Path:
    """A new folder that only the person may read, with a short name and from which programs may run."""
    from dkai.core.paths import cache_dir

    usual = tempfile.gettempdir()
    places = [usual] if len(os.fsencode(usual)) <= _LONGEST_FOLDER or os.name == "nt" else ["/tmp"]  # noqa: S108
    places.append(str(cache_dir()))
    for place in places:
        try:
            private_folder(Path(place))
            folder = Path(tempfile.mkdtemp(prefix="dkai-", dir=place))
        except OSError as error:
            if place == places[-1]:
                raise cannot_write(Path(place), error) from error
            continue
        probe = folder / "askpass"
        probe.touch(mode=0o700)
        if os.access(probe, os.X_OK) or place == places[-1]:
            return folder
        shutil.rmtree(folder, ignore_errors=True)
    return folder
