"""The technology radar: search, filters, and the reason for every hit."""
