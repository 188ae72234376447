"""The whole queue: pauses that platforms ask for, the keys of jobs that are gone, when a failed timer is tried again.

Revision: 0004
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision: str | None = "0003"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

PARKED = sa.text("state = 'parked'")
TO_DELIVER = sa.text("state = 'waiting' AND lane_id IS NOT NULL")


def upgrade() -> None:
    """Change the schema."""
    op.create_table(
        "throttle",
        sa.Column("account", sa.String(length=120), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_throttle")),
    )
    op.create_table(
        "spent_key",
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("spent_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_spent_key_organisation_id")),
        sa.PrimaryKeyConstraint("organisation_id", "key", name=op.f("pk_spent_key")),
    )
    op.add_column("job", sa.Column("next_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_job_done_at", "job", ["done_at"])
    op.create_index("ix_job_to_deliver", "job", ["id", "lane_id"], sqlite_where=TO_DELIVER, postgresql_where=TO_DELIVER)
    op.create_index("ix_job_parked", "job", ["organisation_id", "id"], sqlite_where=PARKED, postgresql_where=PARKED)


def downgrade() -> None:
    """Change it back."""
    op.drop_index("ix_job_parked", table_name="job")
    op.drop_index("ix_job_to_deliver", table_name="job")
    op.drop_index("ix_job_done_at", table_name="job")
    op.drop_column("job", "next_at")
    op.drop_table("spent_key")
    op.drop_table("throttle")
