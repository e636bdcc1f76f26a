"""Why a web server could not be asked, in the language in use: httpx and the operating system speak English to all."""

from __future__ import annotations

from dkai.core.clean import one_line
from dkai.core.i18n import t


def reason(error: Exception) -> str:
    """Why the request of httpx failed, to stand after an address and a colon."""
    import httpx

    said = one_line(str(error), 200)
    if "CERTIFICATE" in said or "SSL" in said:
        return t("its certificate is not accepted ({said})", said=said)
    if isinstance(error, httpx.TimeoutException):
        return t("it did not answer in time")
    if isinstance(error, httpx.ProxyError):
        return t("the proxy did not let it through ({said})", said=said)
    if isinstance(error, httpx.ConnectError):
        return t("it refuses the connection") if "refused" in said else t("it cannot be found, or there is no internet")
    if isinstance(error, (httpx.RemoteProtocolError, httpx.NetworkError)):
        return t("the connection was lost before the end")
    return said or type(error).__name__
