"""Why a job ended, in the words of its own runner (and of job.sh): the same on every scheduler."""

from __future__ import annotations

from dkai.core.i18n import t


def own_reason(code: str | None) -> str:
    """A plain sentence for a record's `reason`; empty for one that is not the runner's."""
    sentences = {
        "runner-gone": t("its process was killed, or the computer was restarted"),
        "other-node": t("it was started on another computer, which cannot be asked from here"),
        "no-python": t("there is no Python 3.6 or newer where it ran (its log says more)"),
        "no-packages": t("Python packages that it needs are missing there (its log names them)"),
        "no-environment": t("its Python environment could not be made (its log says why)"),
        "python-too-old": t("the Python there is too old for it (its log says which it needs)"),
        "bad-job": t("its own description could not be used (its log says why)"),
    }
    return sentences.get(code or "", "")
