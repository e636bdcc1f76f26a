"""Why a job ended, in the words of its own runner (and of job.sh): the same on every scheduler."""

from __future__ import annotations

from dkai.compute.runner.words import PUT_BACK
from dkai.core.i18n import t


def own_reason(code: str | None) -> str:
    """A plain sentence for a record's `reason`; empty for one that is not the runner's."""
    sentences = {
        "runner-gone": t("its process was killed, or the computer was restarted"),
        "other-node": t("it was started on another computer, which cannot be asked from here"),
        "no-python": t("there is no Python 3.6 or newer where it ran (its log says more)"),
        "no-r": t("there is no R where it ran (its log says more)"),
        "no-packages": t("packages that it needs are missing there (its log names them)"),
        "not-in-it": t("the module or container lacks packages that it needs (its log names them)"),
        "no-python-in-it": t("there is no Python in the module or container (its log says more)"),
        "no-environment": t("its Python environment could not be made (its log says why)"),
        "no-internet": t("packages that it needs are missing there, and its nodes have no internet to fetch them"),
        "other-python": t("the packages that came along are for another Python than its node has"),
        "no-build": t("the recipe has no packages that are built for the kind of GPU there"),
        "no-module": t("a module that it needs could not be loaded (its log says which)"),
        "no-module-command": t("there is no module command on its node"),
        "no-image": t("the container image is not there (its log says where it was looked for)"),
        "no-container-runtime": t("there is no program on its node that runs containers"),
        "container-failed": t("its container did not start (its log says why)"),
        "python-too-old": t("the Python there is too old for it (its log says which it needs)"),
        "r-too-old": t("the R there is too old for it (its log says which it needs)"),
        "bad-job": t("its own description could not be used (its log says why)"),
        "disk-full": t("the disk with its folder was full, or your share of it used up"),
        PUT_BACK: t("the scheduler took it back into the queue, and it could not go on from where it was"),
    }
    return sentences.get(code or "", "")


def own_remedy(code: str | None) -> str:
    """What the person can do about that reason; empty where there is nothing to say."""
    carry = t("send them along: --carry-wheels; or use what the place has: --module, --image")
    named = t("name a module or a container that has them: --module, --image; the place's own pages say which")
    remedies = {
        "runner-gone": t("submit it again; if it ends like this again, ask for more memory"),
        "no-python": t("name an interpreter as the site's python: dkai compute sites show"),
        "no-r": t("name the module or the container that has R: --module, --image"),
        "no-packages": t("install them there, or name what has them: --module, --image, or the site's python"),
        "not-in-it": t("name another module or container that has them, or let dkai make an environment: --env venv"),
        "no-python-in-it": t("name another module or container, or let dkai make an environment: --env venv"),
        "no-environment": t("if its nodes have no internet, send the packages along: --carry-wheels"),
        "no-internet": carry,
        "other-python": t("submit it again with --ask-now --carry-wheels, or name the site's python"),
        "no-build": named,
        "no-module": t("module spider and its name shows which there are; then give it with --module"),
        "no-module-command": t("use another way: --env venv, or a container: --image"),
        "no-image": t("give the image's whole path on the place with --image, on a disk that compute nodes see"),
        "no-container-runtime": t("load the module that has apptainer with --module, or use another way: --env venv"),
        "container-failed": t("try the command in its log by hand on the place, or use another way: --env venv"),
        "python-too-old": t("name a newer interpreter as the site's python, or a module: --module"),
        "r-too-old": t("name a newer R's module: --module"),
        "disk-full": t("remove what you no longer need there, or use another folder: --base"),
        PUT_BACK: t("submit it again, or choose a QOS or partition whose jobs are left alone"),
    }
    return remedies.get(code or "", "")
