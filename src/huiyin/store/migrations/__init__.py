"""Alembic migrations, one file a step, forwards under load."""
