"""The default rulebook as data: catalogue, limits, posts; a city replaces files, never code."""
