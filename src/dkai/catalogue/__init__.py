"""The sourced entries: models, loading, layers, index and search."""
