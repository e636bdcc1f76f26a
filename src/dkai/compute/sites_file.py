"""The person's sites, in `sites.yaml` in the settings folder; `local` is always there."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any, get_args

from dkai.compute.environments import check_image, check_kind, check_modules
from dkai.compute.site import LOCAL_ID, HostKind, SchedulerKind, Site, Transport, this_computer
from dkai.core.clean import no_controls
from dkai.core.errors import UserError
from dkai.core.files import read_text, write_private
from dkai.core.i18n import t
from dkai.core.levels import Level
from dkai.core.paths import config_dir
from dkai.core.yaml_text import BadYaml, load_yaml

VERSION = 1
_NAME = re.compile(r"^[a-z0-9][a-z0-9._-]{0,39}$")
_FIELDS = {f.name: f for f in dataclasses.fields(Site) if f.name != "id"}
# What an SSH client could read as an option, or as more than one word, is no address and no user name.
_WORD = re.compile(r"^[A-Za-z0-9_][A-Za-z0-9_.:%@+-]*$")

_DRIVE = re.compile(r"/\d+(/(?!\.{1,2}(/|$))[^/]+)*/?")


def sites_path() -> Path:
    """Where the sites are kept."""
    return config_dir() / "sites.yaml"


def load_sites() -> dict[str, Site]:
    """All sites by name, `local` first. Raises UserError that names file and field."""
    sites = {LOCAL_ID: this_computer()}
    path = sites_path()
    if not path.exists():
        return sites
    for name, fields in _entries(path).items():
        sites[name] = _site(name, fields, partial(_wrong_in_file, path, name))
    return sites


def get_site(name: str) -> Site:
    """The site called `name`. Raises UserError with the nearest names."""
    sites = load_sites()
    if name in sites:
        return sites[name]
    near = get_close_matches(name, sites, n=2, cutoff=0.5)
    names = ", ".join(near or sites)
    raise UserError(
        t("no site is called “{name}”", name=name),
        code="no-such-site",
        hint=(t("did you mean {names}?", names=names) if near else t("your sites are: {names}", names=names))
        + "\n"
        + t("add one with: dkai compute sites add NAME --host … --user …"),
    )


def save_site(site: Site, *, replace: bool = False) -> None:
    """Write the site into the file. Raises UserError when its name is taken (unless `replace`) or not allowed."""
    check_name(site.id)
    sites = load_sites()
    if site.id in sites and not replace and site.id != LOCAL_ID:
        raise UserError(
            t("a site called “{name}” is there already", name=site.id),
            code="site-exists",
            hint=t("replace it with --replace, or choose another name"),
        )
    _site(site.id, _plain(site), partial(_cannot_have, site))
    sites[site.id] = site
    _write(sites)


def remove_site(name: str) -> None:
    """Take the site out of the file. Its jobs stay in the ledger. Raises UserError."""
    site = get_site(name)
    if site.id == LOCAL_ID and LOCAL_ID not in (_entries(sites_path()) if sites_path().exists() else {}):
        raise UserError(
            t("“{name}” is this computer; it cannot be removed", name=name),
            code="site-fixed",
            hint=t("only what you added can be removed"),
        )
    sites = load_sites()
    del sites[name]
    _write(sites)


def check_name(name: str) -> None:
    """Raise UserError when `name` cannot be a site's name."""
    if not _NAME.fullmatch(name):
        raise UserError(
            t("“{name}” cannot be a site's name", name=name),
            code="bad-site-name",
            hint=t("use small letters a–z, digits, - and _, at most 40, beginning with a letter or digit"),
        )


def check_field(field: str, value: str) -> None:
    """Raise UserError when `value` cannot be that field of a site: said while the person is still typing it."""
    try:
        _value(field, value)
    except ValueError as error:
        raise UserError(str(error), code="bad-site-field", hint=t("type it again")) from None


def _write(sites: Mapping[str, Site]) -> None:
    import yaml

    kept = {name: _plain(site) for name, site in sites.items() if site != this_computer()}
    text = yaml.safe_dump(
        {"schema": f"dkai/sites/{VERSION}", "sites": kept},
        allow_unicode=True,
        sort_keys=False,
        default_flow_style=False,
    )
    write_private(sites_path(), text)


def _plain(site: Site) -> dict[str, Any]:
    """The fields that are set, in their order, as plain YAML values."""
    fields = {name: getattr(site, name) for name in _FIELDS}
    return {
        name: str(value) if isinstance(value, Level) else list(value) if isinstance(value, tuple) else value
        for name, value in fields.items()
        if value is not None or name in ("host", "scheduler")
    }


def _entries(path: Path) -> dict[str, Mapping[str, Any]]:
    try:
        content = load_yaml(read_text(path))
    except BadYaml as error:
        raise _wrong(path, "", str(error)) from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise _wrong(path, "", t("a mapping is expected"))
    schema = str(content.get("schema", ""))
    match = re.fullmatch(r"dkai/sites/(\d+)", schema)
    if not match:
        raise _wrong(path, "schema", t("“dkai/sites/{version}” is expected", version=VERSION))
    if int(match[1]) > VERSION:
        raise UserError(
            t("{path} was written by a newer dkai ({schema})", path=path, schema=schema),
            code="sites-too-new",
            hint=t("install that dkai again: pip install --upgrade dkai; the file was not touched"),
        )
    sites = content.get("sites") or {}
    if not isinstance(sites, dict):
        raise _wrong(path, "sites", t("a mapping of names to sites is expected"))
    for name, fields in sites.items():
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise _wrong(path, f"sites › {name}", t("this cannot be a site's name"))
        if not isinstance(fields, dict):
            raise _wrong(path, f"sites › {name}", t("a mapping is expected"))
    return sites


# What a field is called on the command line, where it is not called as in the file.
_OPTIONS = {"environment": "env", "modules": "module", "address": "host", "identity_file": "identity"}


def _cannot_have(site: Site, field: str, why: str) -> UserError:
    """The error for a field that was just given, and never stood in the file."""
    option = "--" + _OPTIONS.get(field, field).replace("_", "-")
    return UserError(
        t("the site {name} cannot have this {option}: {why}", name=site.id, option=option, why=why),
        code="bad-site-field",
        hint=t("the site was not saved; give another value"),
    )


def _site(name: str, fields: Mapping[str, Any], wrong: Callable[[str, str], UserError]) -> Site:
    """One site, each field checked. `wrong` makes the error of a field's name and the reason."""
    values: dict[str, Any] = {}
    for key, value in fields.items():
        if key not in _FIELDS:
            near = get_close_matches(str(key), _FIELDS, n=1)
            raise wrong(str(key), _no_such_field(near))
        if value is None:
            continue
        try:
            values[key] = _value(key, value)
        except ValueError as error:
            raise wrong(key, str(error)) from None
    if (values.get("host") == "ucloud") != (values.get("scheduler") == "ucloud"):
        raise wrong("host", t("ucloud belongs to the scheduler ucloud, and to no other"))
    if values.get("host") == "ucloud" and not _DRIVE.fullmatch(values.get("base", "/0")):
        raise wrong("base", t("at UCloud it is a drive: / and its number, such as /12345"))
    if values.get("host") == "ssh" and not values.get("address"):
        raise wrong("address", t("a site behind SSH needs the host's name"))
    return Site(id=name, **values)


def _no_such_field(near: list[str]) -> str:
    if near:
        return t("there is no such field; did you mean {name}?", name=near[0])
    return t("there is no such field")


def _value(key: str, value: Any) -> Any:
    """The field's value as `Site` wants it. Raises ValueError with the reason."""
    choices = {
        "host": get_args(HostKind), "scheduler": get_args(SchedulerKind), "transport": get_args(Transport),
        "level": tuple(Level),
    }.get(key)  # fmt: skip
    if choices is not None:
        if value not in choices:
            raise ValueError(t("one of: {names}", names=", ".join(choices)))
        return Level(value) if key == "level" else value
    if key == "port":
        if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 65536:
            raise ValueError(t("a port number from 1 to 65535 is expected"))
        return value
    if key == "modules":
        words = value.split() if isinstance(value, str) else value
        if not isinstance(words, (list, tuple)) or not words or not all(isinstance(word, str) for word in words):
            raise ValueError(t("names of modules are expected, as a list or with blanks between them"))
        return check_modules(words)
    if not isinstance(value, str) or not value or any(ord(c) < 32 for c in value) or no_controls(value) != value:
        raise ValueError(t("a text is expected"))
    if key in ("address", "user", "account", "partition", "qos") and not _WORD.fullmatch(value):
        raise ValueError(t("“{value}” holds characters that do not belong there", value=value))
    if key == "base" and not value.startswith(("/", "~/")):
        raise ValueError(t("an absolute path is expected (it may begin with ~/)"))
    if key == "environment":
        return check_kind(value)
    if key == "image":
        return check_image(value)
    return value


def _wrong_in_file(path: Path, name: str, field: str, why: str) -> UserError:
    return _wrong(path, f"sites › {name} › {field}", why)


def _wrong(path: Path, field: str, why: str) -> UserError:
    place = f"{path.name} › {field}" if field else path.name
    return UserError(
        f"{place}: {why}", code="bad-sites-file", hint=t("mend it in {path}, or add the site again", path=path)
    )
