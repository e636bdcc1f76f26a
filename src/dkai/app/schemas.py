"""Every output and file that has a JSON Schema, and where its type lives."""

from __future__ import annotations

from importlib import import_module
from typing import Any

# Outputs: the frozen dataclass that the command shows. Files: the model that reads them.
SCHEMAS: dict[str, str] = {
    "doctor": "dkai.app.doctor:Report",
    "radar-search": "dkai.radar.search:Found",
    "radar-list": "dkai.radar.search:Found",
    "radar-show": "dkai.radar.card:Card",
    "advise": "dkai.advise.screening:Screening",
    "advise-rules": "dkai.advise.lists:RuleList",
    "advise-questions": "dkai.advise.lists:QuestionList",
    "advise-explain": "dkai.advise.explain:Explanation",
    "radar-compare": "dkai.radar.compare:Comparison",
    "radar-plot": "dkai.radar.picture:Picture",
    "catalogue-status": "dkai.catalogue.status:Status",
    "catalogue-show": "dkai.catalogue.shown:Shown",
    "catalogue-validate": "dkai.catalogue.validate:Validation",
    "compute-plan": "dkai.compute.plan:Plan",
    "compute-recipes": "dkai.app.recipes:RecipeList",
    "compute-recipe": "dkai.app.recipes:RecipeView",
    "compute-recipe-new": "dkai.app.recipe_new:NewRecipe",
    "compute-jobs": "dkai.app.jobs:JobList",
    "compute-job": "dkai.app.jobs:JobView",
    "compute-fetch": "dkai.compute.fetch:Fetched",
    "compute-handoff": "dkai.app.handoff:HandOver",
    "compute-receipt": "dkai.compute.receipt:Receipt",
    "compute-compare": "dkai.compute.compare.rows:Comparison",
    "compute-prices": "dkai.app.prices:PriceList",
    "compute-allocations": "dkai.app.allocations:AllocationList",
    "compute-sites": "dkai.app.sites:SiteList",
    "compute-site": "dkai.app.sites:SiteView",
    "compute-site-show": "dkai.app.sites:SiteCard",
    "compute-connection": "dkai.app.connect:Connection",
    "tool": "dkai.catalogue.models.tool:Tool",
    "provider": "dkai.catalogue.models.provider:Provider",
    "gpu": "dkai.catalogue.models.gpu:Gpu",
    "course": "dkai.catalogue.models.course:Course",
    "portal": "dkai.catalogue.models.portal:Portal",
    "contact": "dkai.catalogue.models.contact:Contact",
    "grid": "dkai.catalogue.models.grid:Grid",
}


def make_schema(name: str) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) called `name`; KeyError when SCHEMAS has none."""
    module, _, attribute = SCHEMAS[name].partition(":")
    kind = getattr(import_module(module), attribute)
    if hasattr(kind, "model_json_schema"):
        schema: dict[str, Any] = kind.model_json_schema()
        return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    from dkai.core.jsonschema import schema_of

    return schema_of(kind, name)
