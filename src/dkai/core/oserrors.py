"""What the operating system refused, in the language in use: it speaks English to everybody."""

from __future__ import annotations

import errno

from dkai.core.i18n import t


def reason(error: OSError) -> str:
    """Why the system refused; its own words for what is rare."""
    says = {
        errno.ENOENT: t("there is no such file or folder"),
        errno.EACCES: t("you may not"),
        errno.EPERM: t("you may not"),
        errno.ENOSPC: t("the disk is full"),
        errno.EDQUOT: t("your disk quota is used up"),
        errno.EISDIR: t("it is a folder"),
        errno.ENOTDIR: t("a part of the path is no folder"),
        errno.EEXIST: t("it is there already"),
        errno.EROFS: t("the disk can only be read"),
        errno.ENAMETOOLONG: t("the name is too long"),
    }
    return says.get(error.errno or 0) or error.strerror or str(error)
