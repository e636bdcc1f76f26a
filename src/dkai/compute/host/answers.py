"""What the person gives to the connections of one command: each thing is asked for once.

A code that was not accepted is never sent again, and a connection that is opened anew in the middle of a command asks
for no second code: that ends in an error with words, not in a row of prompts or a locked account.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from dkai.compute.host.shell import Ask
from dkai.compute.host.ssh_errors import asked_before
from dkai.core.clean import one_line
from dkai.core.i18n import t

if TYPE_CHECKING:
    from dkai.compute.host.ssh_config import Endpoint


class Kind(Enum):
    """How long an answer stays right."""

    CODE = "code"  # once
    PASSWORD = "password"  # noqa: S105 - as long as it was right the first time
    PASSPHRASE = "passphrase"  # noqa: S105 - a key of this computer's: nobody else hears it


class Prompt(str):
    """The words of a question, and what kind of answer it wants."""

    __slots__ = ("kind",)
    kind: Kind

    def __new__(cls, text: str, kind: Kind = Kind.CODE) -> Prompt:
        """As str, with its kind."""
        prompt = super().__new__(cls, text)
        prompt.kind = kind
        return prompt


def passphrase_prompt(path: object) -> Prompt:
    """The question for a key's passphrase."""
    return Prompt(t("passphrase of {path}:", path=path), Kind.PASSPHRASE)


def password_prompt(endpoint: Endpoint) -> Prompt:
    """The question for the person's password at the other side."""
    return Prompt(t("password of {host}:", host=endpoint), Kind.PASSWORD)


def code_prompt(endpoint: Endpoint, said: str) -> Prompt:
    """A question of the other side's own, and whose it is: with jump hosts several may ask."""
    return Prompt(f"{endpoint}: {one_line(said)}")


class AskOnce:
    """Asks the person, but nothing a second time. Itself of the kind `Ask`."""

    def __init__(self, ask: Ask | None) -> None:
        self._ask = ask
        self._given: dict[str, str] = {}
        self._right = False
        self.asked = False  # something was given that is good for one connection only

    def __call__(self, prompt: str, secret: bool) -> str | None:
        """The answer; None when there is nobody to ask. Raises RemoteError when it was asked for before."""
        kind = getattr(prompt, "kind", Kind.CODE)
        if prompt in self._given:
            if kind is Kind.PASSPHRASE or (kind is Kind.PASSWORD and self._right):
                return self._given[prompt]
            raise asked_before(prompt)
        answer = self._ask(prompt, secret) if self._ask else None
        if answer is not None:
            self._given[prompt] = answer
            self.asked = self.asked or kind is Kind.CODE
        return answer

    def were_right(self) -> None:
        """The log-in succeeded: its passwords may be used again."""
        self._right = True


def ask_once(ask: Ask | None) -> AskOnce:
    """`ask`, nothing twice."""
    return ask if isinstance(ask, AskOnce) else AskOnce(ask)
