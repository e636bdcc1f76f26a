"""The same job side by side on every place: what fits, how long, what it costs, who may. Pure."""
