"""Migrations: the schema's history, run with `konsult db upgrade`."""
