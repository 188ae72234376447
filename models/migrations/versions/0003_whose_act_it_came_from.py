"""Jobs remember the request they came from, and can be counted by kind and state.

Revision: 0003
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision: str | None = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Change the schema."""
    op.add_column("job", sa.Column("request", sa.String(length=32), nullable=True))
    op.create_index("ix_job_kind_state", "job", ["kind", "state"])


def downgrade() -> None:
    """Change it back."""
    op.drop_index("ix_job_kind_state", "job")
    op.drop_column("job", "request")
