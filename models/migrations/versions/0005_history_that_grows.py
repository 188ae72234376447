"""Screens that stay as fast as history grows: words found by their beginning, what was done lately that speaks for
members or against them, when each of them was asked last, which lanes are held.

Revision: 0005
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision: str | None = "0004"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

TELLING = sa.text("act IN ('approve', 'close', 'decline', 'lesson', 'reopen')")


def upgrade() -> None:
    """Change the schema."""
    op.create_index("ix_offer_member_asked", "offer", ["member_id", "asked_at"])
    columns = ["organisation_id", "id", "case_id"]
    op.create_index("ix_event_telling", "event", columns, sqlite_where=TELLING, postgresql_where=TELLING)
    held = sa.text("lease_until IS NOT NULL")
    op.create_index("ix_lane_held", "lane", ["lease_until"], sqlite_where=held, postgresql_where=held)
    _compare_words("C")


def downgrade() -> None:
    """Change it back."""
    _compare_words("default")
    op.drop_index("ix_lane_held", table_name="lane")
    op.drop_index("ix_event_telling", table_name="event")
    op.drop_index("ix_offer_member_asked", table_name="offer")


def _compare_words(collation: str) -> None:
    """SQLite compares letter by letter as it is."""
    if op.get_bind().dialect.name == "postgresql":
        wanted = sa.String(length=80, collation=collation)
        op.alter_column("case_word", "word", existing_type=sa.String(length=80), type_=wanted)
