"""The radar's tests make catalogues as the catalogue's own tests do."""

from catalogue.conftest import entries, made

__all__ = ["entries", "made"]
