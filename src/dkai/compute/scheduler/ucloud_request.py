"""What UCloud is asked for: one value for its interface, and for the file that its browser page imports. Pure.

`JobSpecification` and `ExportedParameters` (siteVersion 3) in UCloud's
provider-integration/shared/pkg/orchestrators/jobs.go; what the page makes of a file: `importVersion2` in
frontend-web/webclient/app/Applications/Jobs/Widgets/ImportParameters.tsx.
"""

from __future__ import annotations

import json
from typing import Any

from dkai.compute.job import JobSpec
from dkai.core.errors import UserError
from dkai.core.i18n import t

# The application that runs a script and ends with it (its parameter `batchScript`), as an unofficial client's tutorial
# of 2026-07-17 had it; which version there is now is told with a token only.
APPLICATION, VERSION, SCRIPT = "pytorch-te", "26.05", "batchScript"
PACKING_S = 300  # after the job's own time, for the results to be packed
PARAMETERS = "ucloud-parameters.json"


def hours(spec: JobSpec) -> int:
    """The hours that UCloud is asked for: the page knows whole ones only. What is not used is not counted."""
    return -(-(spec.resources.walltime_s + PACKING_S) // 3600)


def knows_drive(folder: str) -> bool:
    """Whether the folder is one at UCloud: its first part is a drive's number."""
    return folder.startswith("/") and folder.split("/")[1].isdecimal()


def specification(spec: JobSpec, folder: str) -> dict[str, Any]:
    """The job for `/api/jobs`. Without a drive no file is named: the person chooses them on the page."""
    files = knows_drive(folder)
    return {
        "application": {
            "name": spec.place.get("application", APPLICATION),
            "version": spec.place.get("version", VERSION),
        },
        "product": {
            "id": spec.partition or "",
            "category": spec.place.get("category", ""),
            "provider": spec.place.get("provider", ""),
        },
        "name": spec.job_id,
        "replicas": 1,
        "allowDuplicateJob": False,
        "sshEnabled": False,
        "parameters": {SCRIPT: _file(f"{folder}/job.sh", read_only=True)} if files else {},
        "resources": [_file(folder, read_only=False)] if files else [],
        "timeAllocation": {"hours": hours(spec), "minutes": 0, "seconds": 0},
    }


def _file(path: str, *, read_only: bool) -> dict[str, Any]:
    return {"type": "file", "path": path, "readOnly": read_only}


def parameters(spec: JobSpec, folder: str) -> str:
    """`ucloud-parameters.json`: as the page “Import parameters” takes it."""
    memory = spec.resources.memory_mb * 1_048_576 / 10**9
    content = {
        "siteVersion": 3,
        "request": specification(spec, folder),
        "resolvedResources": {"ingress": {}},
        "machineType": {"cpu": spec.resources.cpus, "memoryInGigs": round(memory)},
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def must_be_complete(spec: JobSpec, folder: str) -> None:
    """Raise UserError where UCloud could not be asked for this job."""
    if not knows_drive(folder):
        raise UserError(
            t("it is not known which of your drives at UCloud the job's files go to"),
            code="missing-base",
            hint=t("open the drive in the browser; its number stands in the address. Then: "
                   "dkai compute sites set {site} --base /NUMBER", site=spec.site),
        )  # fmt: skip
    if not spec.partition or not spec.place.get("category") or not spec.place.get("provider"):
        raise UserError(
            t("it is not known which machine of UCloud's “{name}” is", name=spec.partition or "–"),
            code="no-such-partition",
            hint=t("leave --partition away, or name one of: dkai compute sites show {site}", site=spec.site),
        )
