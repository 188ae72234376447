"""What the requester chose a question to be about, and an organisation's own terms.

Revision: 0002
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Change the schema."""

    op.add_column("case", sa.Column("topics", sa.JSON(), nullable=False, server_default="[]"))
    op.create_table(
        "glossary",
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_glossary_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_glossary")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_glossary_organisation_id_id")),
        sa.UniqueConstraint("organisation_id", name=op.f("uq_glossary_organisation_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_glossary_organisation_id"), "glossary", ["organisation_id"])


def downgrade() -> None:
    """Change it back."""

    op.drop_index(op.f("ix_glossary_organisation_id"), table_name="glossary")
    op.drop_table("glossary")
    op.drop_column("case", "topics")
