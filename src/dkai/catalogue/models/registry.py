"""The model of each kind."""

from __future__ import annotations

from dkai.catalogue.models.common import Entry
from dkai.catalogue.models.contact import Contact
from dkai.catalogue.models.course import Course
from dkai.catalogue.models.gpu import Gpu
from dkai.catalogue.models.grid import Grid
from dkai.catalogue.models.portal import Portal
from dkai.catalogue.models.provider import Provider
from dkai.catalogue.models.tool import Tool

MODELS: dict[str, type[Entry]] = {
    "tool": Tool,
    "provider": Provider,
    "gpu": Gpu,
    "course": Course,
    "portal": Portal,
    "contact": Contact,
    "grid": Grid,
}
