"""The layers that this person added: an institution's folders, and entries of one's own."""

from __future__ import annotations

import json
from pathlib import Path

from dkai.core import paths
from dkai.core.errors import UserError
from dkai.core.files import read_text, write_private
from dkai.core.i18n import t

OWN = "own"  # the name of the person's own layer


def own_folder() -> Path:
    """Where the person's own entries lie, if there are any."""
    return paths.config_dir() / "catalogue"


def layers_of_user() -> list[tuple[str, Path]]:
    """Name and folder of each layer above the built-in one, earliest first, without those whose folder is gone."""
    layers = [(name, folder) for name, folder in added_layers() if folder.is_dir()]
    own = own_folder()
    return [*layers, (OWN, own)] if own.is_dir() else layers


def added_layers() -> list[tuple[str, Path]]:
    """What `dkai catalogue add` was told, in that order. Raises UserError when the list cannot be read."""
    file = _file()
    if not file.is_file():
        return []
    try:
        listed = json.loads(read_text(file, limit_bytes=100_000))
        return [(str(layer["name"]), Path(layer["folder"])) for layer in listed["layers"]]
    except (ValueError, TypeError, KeyError) as error:
        raise UserError(
            t("{path} is not a list of layers", path=file),
            code="bad-layers",
            hint=t("remove the file, then add the layers again with: dkai catalogue add DIR"),
        ) from error


def add_layer(folder: Path, name: str) -> None:
    """Put a folder on top of the layers that are there; the same name again replaces it. Raises UserError."""
    layers = [(other, path) for other, path in added_layers() if other != name]
    _write([*layers, (name, folder.absolute())])


def remove_layer(name: str) -> None:
    """Forget a layer; its folder stays as it is. Raises UserError."""
    layers = added_layers()
    if name not in (other for other, _ in layers):
        known = ", ".join(other for other, _ in layers)
        raise UserError(
            t("no layer is called “{name}”", name=name),
            code="unknown-layer",
            hint=t("the layers are: {names}", names=known) if known else t("none has been added"),
        )
    _write([(other, path) for other, path in layers if other != name])


def _write(layers: list[tuple[str, Path]]) -> None:
    listed = [{"name": name, "folder": str(path)} for name, path in layers]
    text = json.dumps({"schema": "dkai/catalogue-layers/1", "layers": listed}, ensure_ascii=False, indent=1)
    write_private(_file(), text + "\n")


def _file() -> Path:
    return paths.config_dir() / "catalogue-layers.json"
