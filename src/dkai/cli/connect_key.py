"""The SSH key of `dkai compute connect`: one that is there or a new one, and where its public half goes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from dkai.app.new_site import Draft
from dkai.app.places import PlaceCard, place_of
from dkai.cli.connect_asking import EXPLAIN, QUIT, Answer, letters, paragraph, title
from dkai.cli.menu import choose
from dkai.cli.prompts import ask_line
from dkai.compute.host.keys import shown
from dkai.core.i18n import t

if TYPE_CHECKING:
    from dkai.compute.host.keys import Key


def key(draft: Draft) -> Answer:
    """An SSH key that is there, a new one, or none."""
    from dkai.compute.host.keys import find_keys, free_name

    keys = find_keys()
    title(t("Which SSH key shall open the door there?"))
    new = free_name(draft.name or "site")
    options = [
        *(_key_row(one) for one in keys),
        t("make a new key: {path}", path=shown(new)),
        t("none: the place asks for a password (or a code) each time"),
        t("whatever my SSH settings say"),
    ]
    while True:
        chosen = choose(options, letters=letters(), option="--identity")
        if chosen != EXPLAIN:
            break
        paragraph(t("A key comes in two halves. The public one is registered at the place; the private one stays on "
                    "this computer, and whoever has it is you. Each command of dkai logs in once."))  # fmt: skip
    if isinstance(chosen, str):
        return chosen
    if chosen < len(keys):
        path = keys[chosen].path
        return {"identity": str(path)} if path is not None else {}
    if chosen == len(keys):
        return _new_key(str(new))
    return {}


def _key_row(one: Key) -> str:
    lock = {True: t("with a passphrase"), False: t("without a passphrase"), None: ""}[one.encrypted]
    where = shown(one.path) if one.path else t("only in the agent")
    agent = t("in the agent") if one.in_agent and one.path else ""
    return " · ".join(filter(None, (where, one.type, one.comment, lock, agent)))


def _new_key(path: str) -> Answer:
    """Ask for a passphrase, twice, and make the key."""
    import getpass
    import platform

    from dkai.compute.host.keys import make_key

    paragraph(t("A passphrase locks the key. You are asked for it once a command, or once a day with ssh-agent."))
    while True:
        first = ask_line("  " + t("passphrase (empty: none):"), option="--identity", secret=True)
        if not first:
            paragraph(t("! Without one, whoever gets hold of the file can log in as you."), "warn")
        if ask_line("  " + t("the same again:"), option="--identity", secret=True) == first:
            break
        paragraph(t("They differ; once more."), "warn")
    make_key(Path(path), first, f"{getpass.getuser()}@{platform.node()}")
    paragraph(t("Made {path} and {path}.pub.", path=shown(path)))
    return {"identity": path}


def register(draft: Draft) -> Answer:
    """Show the public half and where it goes; go on, or come back when it is registered."""
    from dkai.compute.host.keys import read_key

    path = Path(str(draft.fields["identity"])).expanduser()
    found = read_key(path)
    card = place_of(draft.fields.get("provider"))
    title(t("Register the public key at the place"))
    if found is None:
        paragraph(t("! {path} is no private key that dkai can read", path=shown(path)), "warn")
        return {}
    sys.stderr.write(f"\n{found.public}\n\n")  # as it is: a line that is broken for the screen would be copied broken
    paragraph(t("That is one line, also in {path}.pub. Fingerprint: {fingerprint}", path=shown(path),
                fingerprint=found.fingerprint), "muted")  # fmt: skip
    for text in _where_to_register(card, draft):
        paragraph(text)
    while True:
        chosen = choose(
            [t("it is registered: go on"), t("later: keep everything until it is")], letters=letters(),
            option="--identity",
        )  # fmt: skip
        if chosen != EXPLAIN:
            break
        paragraph(t("Until the place knows the public key, it refuses the private one. At some places it takes hours "
                    "before a new key works."))  # fmt: skip
    if isinstance(chosen, str):
        return chosen
    return {} if chosen == 0 else QUIT


def _where_to_register(card: PlaceCard | None, draft: Draft) -> Iterator[str]:
    if card is None:
        yield t("If you can log in there with a password: ssh-copy-id -i {path} {user}@{host}. Else send the line to "
                "whoever runs the machine.", path=shown(draft.fields["identity"]), user=draft.fields.get("user", "…"),
                host=draft.fields.get("address"))  # fmt: skip
        return
    if card.log_in:
        yield t("The catalogue says: {note}", note=card.log_in)
    if card.docs:
        yield t("The place's own guide: {url}", url=card.docs)
