"""Alembic's environment: runs the migrations on the connection it is given."""

from typing import Any

from alembic import context

from models.schema import metadata


def run() -> None:
    """Run on the connection in the configuration's attributes; SQLite alters tables by copying them."""
    attributes: dict[str, Any] = context.config.attributes
    connection = attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
