"""The first schema.

Revision: 0001
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Change the schema."""

    op.create_table(
        "installation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clock_offset", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_installation_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation")),
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("coordinator_title", sa.String(length=80), nullable=False),
        sa.Column("coordinator_title_en", sa.String(length=80), nullable=False),
        sa.Column(
            "choosing",
            sa.Enum("coordinator", "requester", "automatic", name="choosing", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("reminder_days", sa.Integer(), nullable=False),
        sa.Column("offer_days", sa.Integer(), nullable=False),
        sa.Column("triage_reminder_days", sa.Integer(), nullable=False),
        sa.Column("triage_deputy_days", sa.Integer(), nullable=False),
        sa.Column("unanswered_limit", sa.Integer(), nullable=False),
        sa.Column("draft_days", sa.Integer(), nullable=False),
        sa.Column("feedback_months", sa.JSON(), nullable=False),
        sa.Column("hours_usual", sa.Integer(), nullable=False),
        sa.Column("digest_weekday", sa.Integer(), nullable=False),
        sa.Column("digest_hour", sa.Integer(), nullable=False),
        sa.Column(
            "digest_silence", sa.Enum("skip", "line", name="silence", native_enum=False, length=40), nullable=False
        ),
        sa.Column("quiet_periods", sa.JSON(), nullable=True),
        sa.Column("terms", sa.String(length=1500), nullable=False),
        sa.Column("terms_en", sa.String(length=1500), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("name", name=op.f("uq_organisation_name")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "sort_key",
            sa.String(length=400).with_variant(sa.String(length=400, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("email", name=op.f("uq_person_email")),
    )
    op.create_table(
        "seen_event",
        sa.Column("id", sa.String(length=120), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seen_event")),
    )
    with op.batch_alter_table("seen_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_seen_event_seen_at"), ["seen_at"], unique=False)

    op.create_table(
        "area",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=75), nullable=False),
        sa.Column("name_en", sa.String(length=75), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_area_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area")),
        sa.UniqueConstraint("organisation_id", "code", name=op.f("uq_area_organisation_id_code")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_area_organisation_id_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("area", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_area_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "cluster",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("theme", sa.String(length=400), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_cluster_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cluster")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_cluster_organisation_id_id")),
        sa.UniqueConstraint("organisation_id", "name", name=op.f("uq_cluster_organisation_id_name")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("cluster", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cluster_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "digest",
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("week", sa.Integer(), nullable=False),
        sa.Column(
            "decision", sa.Enum("posted", "skipped", name="decision", native_enum=False, length=40), nullable=False
        ),
        sa.Column("why", sa.String(length=40), nullable=False),
        sa.Column("covers_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("covers_to", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_digest_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_digest_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_digest_organisation_id_id")),
        sa.UniqueConstraint("organisation_id", "year", "week", name=op.f("uq_digest_organisation_id_year_week")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("digest", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_digest_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "draft",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("form", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_draft_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_draft_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_draft_organisation_id_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("draft", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_draft_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_draft_person_id"), ["person_id"], unique=False)

    op.create_table(
        "identity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("platform", sa.String(length=20), nullable=False),
        sa.Column("team", sa.String(length=60), nullable=False),
        sa.Column("user", sa.String(length=60), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_identity_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity")),
        sa.UniqueConstraint("platform", "team", "user", name=op.f("uq_identity_platform_team_user")),
    )
    with op.batch_alter_table("identity", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_identity_person_id"), ["person_id"], unique=False)

    op.create_table(
        "lane",
        sa.Column("surface", sa.String(length=20), nullable=False),
        sa.Column("receiver", sa.String(length=60), nullable=False),
        sa.Column("address", sa.String(length=60), nullable=True),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_lane_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lane")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_lane_organisation_id_id")),
        sa.UniqueConstraint(
            "organisation_id", "surface", "receiver", name=op.f("uq_lane_organisation_id_surface_receiver")
        ),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("lane", schema=None) as batch_op:
        batch_op.create_index("ix_lane_next_at", ["next_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_lane_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "posted",
        sa.Column("surface", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("channel", sa.String(length=60), nullable=True),
        sa.Column("ts", sa.String(length=60), nullable=True),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_posted_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posted")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_posted_organisation_id_id")),
        sa.UniqueConstraint("organisation_id", "surface", "key", name=op.f("uq_posted_organisation_id_surface_key")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("posted", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_posted_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "university",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "sort_key",
            sa.String(length=400).with_variant(sa.String(length=400, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_university_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_university")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_university_organisation_id_id")),
        sa.UniqueConstraint("organisation_id", "name", name=op.f("uq_university_organisation_id_name")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("university", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_university_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "workspace",
        sa.Column("platform", sa.String(length=20), nullable=False),
        sa.Column("team", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("coordinators_channel", sa.String(length=60), nullable=True),
        sa.Column("forum_channel", sa.String(length=60), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_workspace_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workspace")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_workspace_organisation_id_id")),
        sa.UniqueConstraint("platform", "team", name=op.f("uq_workspace_platform_team")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("workspace", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_workspace_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "case",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("draft_id", sa.Integer(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "submitted",
                "clarifying",
                "offered",
                "active",
                "paused",
                "closed",
                "withdrawn",
                name="status",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=150), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=True),
        sa.Column(
            "help",
            sa.Enum(
                "evaluation",
                "plan",
                "overview",
                "method",
                "implementation",
                "ethics",
                "seminar",
                name="help",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "answer_kind",
            sa.Enum(
                "pointer", "references", "meeting", "opinion", "review", name="answerkind", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column(
            "phase",
            sa.Enum(
                "undescribed",
                "undocumented_group",
                "document_method",
                "evaluate_model",
                "new_method",
                "ready_for_effects",
                "unknown",
                name="phase",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("wanted_by", sa.Date(), nullable=True),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.Column("members_wanted", sa.Integer(), nullable=False),
        sa.Column("standby", sa.JSON(), nullable=False),
        sa.Column("wishes", sa.JSON(), nullable=False),
        sa.Column("requester_id", sa.Integer(), nullable=False),
        sa.Column("coordinator_id", sa.Integer(), nullable=True),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "answered", "commission", "not_possible", "withdrawn", name="caseoutcome", native_enum=False, length=40
            ),
            nullable=True,
        ),
        sa.Column("hours", sa.Double(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("members_wanted BETWEEN 1 AND 3", name=op.f("ck_case_members_wanted")),
        sa.ForeignKeyConstraint(["coordinator_id"], ["person.id"], name=op.f("fk_case_coordinator_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "area_id"],
            ["area.organisation_id", "area.id"],
            name=op.f("fk_case_organisation_id_area_id"),
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_case_organisation_id")),
        sa.ForeignKeyConstraint(["requester_id"], ["person.id"], name=op.f("fk_case_requester_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case")),
        sa.UniqueConstraint("draft_id", name=op.f("uq_case_draft_id")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_case_organisation_id_id")),
        sa.UniqueConstraint("organisation_id", "number", name=op.f("uq_case_organisation_id_number")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("case", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_coordinator_id"), ["coordinator_id"], unique=False)
        batch_op.create_index("ix_case_organisation_filed", ["organisation_id", "filed_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index("ix_case_organisation_status", ["organisation_id", "status", "changed_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_requester_id"), ["requester_id"], unique=False)

    op.create_table(
        "district",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "sort_key",
            sa.String(length=400).with_variant(sa.String(length=400, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("cluster_id", sa.Integer(), nullable=True),
        sa.Column("successor_id", sa.Integer(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "cluster_id"],
            ["cluster.organisation_id", "cluster.id"],
            name=op.f("fk_district_organisation_id_cluster_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "successor_id"],
            ["district.organisation_id", "district.id"],
            name=op.f("fk_district_organisation_id_successor_id"),
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_district_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_district")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_district_organisation_id_id")),
        sa.UniqueConstraint("organisation_id", "name", name=op.f("uq_district_organisation_id_name")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("district", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_district_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "job",
        sa.Column(
            "kind", sa.Enum("tell", "show", "timer", name="jobkind", native_enum=False, length=40), nullable=False
        ),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("lane_id", sa.Integer(), nullable=True),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("subject_id", sa.Integer(), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "state",
            sa.Enum("waiting", "done", "skipped", "parked", "cancelled", name="jobstate", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("maybe_sent", sa.Boolean(), nullable=False),
        sa.Column("why", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "lane_id"],
            ["lane.organisation_id", "lane.id"],
            name=op.f("fk_job_organisation_id_lane_id"),
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_job_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_job_organisation_id_id")),
        sa.UniqueConstraint("organisation_id", "key", name=op.f("uq_job_organisation_id_key")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_job_case_id"), ["case_id"], unique=False)
        batch_op.create_index(
            "ix_job_due_waiting",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )
        batch_op.create_index(
            "ix_job_lane_waiting",
            ["lane_id", "id"],
            unique=False,
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )
        batch_op.create_index(batch_op.f("ix_job_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "member",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("university_id", sa.Integer(), nullable=True),
        sa.Column("keywords", sa.JSON(), nullable=False),
        sa.Column("bio", sa.String(length=3000), nullable=False),
        sa.Column("publications", sa.JSON(), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "paused_by",
            sa.Enum("own", "unanswered", "coordinator", name="pausecause", native_enum=False, length=40),
            nullable=True,
        ),
        sa.Column("resumed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ask_again_from", sa.Date(), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("capacity >= 0", name=op.f("ck_member_capacity")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "university_id"],
            ["university.organisation_id", "university.id"],
            name=op.f("fk_member_organisation_id_university_id"),
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_member_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_member_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_member_organisation_id_id")),
        sa.UniqueConstraint("organisation_id", "person_id", name=op.f("uq_member_organisation_id_person_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_member_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_member_person_id"), ["person_id"], unique=False)

    op.create_table(
        "absence",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "member_id"],
            ["member.organisation_id", "member.id"],
            name=op.f("fk_absence_organisation_id_member_id"),
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_absence_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_absence_organisation_id_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("absence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_absence_member_id"), ["member_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_absence_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "answer",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("links", sa.JSON(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "case_id"],
            ["case.organisation_id", "case.id"],
            name=op.f("fk_answer_organisation_id_case_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "member_id"],
            ["member.organisation_id", "member.id"],
            name=op.f("fk_answer_organisation_id_member_id"),
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_answer_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_answer_organisation_id_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_answer_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_answer_member_id"), ["member_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_answer_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "case_link",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("url", sa.String(length=1000), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "case_id"],
            ["case.organisation_id", "case.id"],
            name=op.f("fk_case_link_organisation_id_case_id"),
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_case_link_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_case_link_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_link")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_case_link_organisation_id_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("case_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_link_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_link_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "case_word",
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("word", sa.String(length=80), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "case_id"],
            ["case.organisation_id", "case.id"],
            name=op.f("fk_case_word_organisation_id_case_id"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "word", "case_id", name=op.f("pk_case_word")),
    )
    with op.batch_alter_table("case_word", schema=None) as batch_op:
        batch_op.create_index("ix_case_word_case", ["case_id"], unique=False)

    op.create_table(
        "conflict",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(district_id IS NOT NULL) OR (person_id IS NOT NULL) OR (case_id IS NOT NULL)",
            name=op.f("ck_conflict_something"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "case_id"],
            ["case.organisation_id", "case.id"],
            name=op.f("fk_conflict_organisation_id_case_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "district_id"],
            ["district.organisation_id", "district.id"],
            name=op.f("fk_conflict_organisation_id_district_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "member_id"],
            ["member.organisation_id", "member.id"],
            name=op.f("fk_conflict_organisation_id_member_id"),
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_conflict_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_conflict_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflict")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_conflict_organisation_id_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("conflict", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_conflict_member_id"), ["member_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_conflict_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "event",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column(
            "act",
            sa.Enum(
                "file",
                "edit",
                "clarify",
                "complete",
                "take",
                "ask",
                "accept",
                "decline",
                "expire",
                "retract",
                "release",
                "reassign",
                "query",
                "reply",
                "note",
                "link",
                "diary",
                "confirm",
                "answer",
                "comment",
                "pause",
                "resume",
                "withdraw",
                "close",
                "lesson",
                "name",
                "approve",
                "reopen",
                "feedback",
                name="act",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "before",
            sa.Enum(
                "submitted",
                "clarifying",
                "offered",
                "active",
                "paused",
                "closed",
                "withdrawn",
                name="status",
                native_enum=False,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "after",
            sa.Enum(
                "submitted",
                "clarifying",
                "offered",
                "active",
                "paused",
                "closed",
                "withdrawn",
                name="status",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("for_id", sa.Integer(), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("offer_id", sa.Integer(), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("fk_event_actor_id")),
        sa.ForeignKeyConstraint(["for_id"], ["person.id"], name=op.f("fk_event_for_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "case_id"],
            ["case.organisation_id", "case.id"],
            name=op.f("fk_event_organisation_id_case_id"),
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_event_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("case_id", "seq", name=op.f("uq_event_case_id_seq")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_event_organisation_id_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index("ix_event_organisation_at", ["organisation_id", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_event_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "feedback",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column(
            "helped", sa.Enum("yes", "partly", "no", name="degree", native_enum=False, length=40), nullable=False
        ),
        sa.Column("usable", sa.Enum("yes", "partly", "no", name="degree", native_enum=False, length=40), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "case_id"],
            ["case.organisation_id", "case.id"],
            name=op.f("fk_feedback_organisation_id_case_id"),
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_feedback_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
        sa.UniqueConstraint("case_id", "months", name=op.f("uq_feedback_case_id_months")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_feedback_organisation_id_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("feedback", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feedback_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "lesson",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("names_members", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "case_id"],
            ["case.organisation_id", "case.id"],
            name=op.f("fk_lesson_organisation_id_case_id"),
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_lesson_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_lesson_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson")),
        sa.UniqueConstraint("case_id", name=op.f("uq_lesson_case_id")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_lesson_organisation_id_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("lesson", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lesson_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "offer",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "accepted",
                "released",
                "declined",
                "expired",
                "retracted",
                name="offerstatus",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("asked_by", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(length=1000), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "no_time",
                "outside_field",
                "conflict",
                "not_now",
                "withheld",
                name="declinereason",
                native_enum=False,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("ask_again_from", sa.Date(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_offer_asked_by")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "case_id"],
            ["case.organisation_id", "case.id"],
            name=op.f("fk_offer_organisation_id_case_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "member_id"],
            ["member.organisation_id", "member.id"],
            name=op.f("fk_offer_organisation_id_member_id"),
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_offer_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_offer_organisation_id_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_offer_case_id"), ["case_id"], unique=False)
        batch_op.create_index("ix_offer_member_status", ["member_id", "status", "asked_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_offer_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(
            "uq_offer_live",
            ["case_id", "member_id"],
            unique=True,
            sqlite_where=sa.text("status IN ('pending', 'accepted')"),
            postgresql_where=sa.text("status IN ('pending', 'accepted')"),
        )

    op.create_table(
        "unit",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "sort_key",
            sa.String(length=400).with_variant(sa.String(length=400, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("district_id", sa.Integer(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "district_id"],
            ["district.organisation_id", "district.id"],
            name=op.f("fk_unit_organisation_id_district_id"),
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_unit_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint(
            "organisation_id", "district_id", "name", name=op.f("uq_unit_organisation_id_district_id_name")
        ),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_unit_organisation_id_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_unit_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "case_unit",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("responsible", sa.Boolean(), nullable=False),
        sa.Column("dnr", sa.String(length=60), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "case_id"],
            ["case.organisation_id", "case.id"],
            name=op.f("fk_case_unit_organisation_id_case_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "unit_id"],
            ["unit.organisation_id", "unit.id"],
            name=op.f("fk_case_unit_organisation_id_unit_id"),
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_case_unit_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_unit")),
        sa.UniqueConstraint("case_id", "unit_id", name=op.f("uq_case_unit_case_id_unit_id")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_case_unit_organisation_id_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("case_unit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_unit_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_unit_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_unit_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "comment",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("answer_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "answer_id"],
            ["answer.organisation_id", "answer.id"],
            name=op.f("fk_comment_organisation_id_answer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "case_id"],
            ["case.organisation_id", "case.id"],
            name=op.f("fk_comment_organisation_id_case_id"),
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_comment_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_comment_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_comment_organisation_id_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("comment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_comment_answer_id"), ["answer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_comment_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_comment_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "note",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.Integer(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum("progress", "clarify", "query", "reply", "pause", name="notekind", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "case_id"],
            ["case.organisation_id", "case.id"],
            name=op.f("fk_note_organisation_id_case_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "offer_id"],
            ["offer.organisation_id", "offer.id"],
            name=op.f("fk_note_organisation_id_offer_id"),
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_note_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_note_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_note_organisation_id_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_note_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_note_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "role",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "requester", "coordinator", "deputy", "administrator", name="rolekind", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "unit_id"],
            ["unit.organisation_id", "unit.id"],
            name=op.f("fk_role_organisation_id_unit_id"),
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_role_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_role_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_role_organisation_id_id")),
        sa.UniqueConstraint(
            "organisation_id", "person_id", "kind", name=op.f("uq_role_organisation_id_person_id_kind")
        ),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("role", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_role_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_role_person_id"), ["person_id"], unique=False)


def downgrade() -> None:
    """Change it back."""

    with op.batch_alter_table("role", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_role_person_id"))
        batch_op.drop_index(batch_op.f("ix_role_organisation_id"))

    op.drop_table("role")
    with op.batch_alter_table("note", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_note_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_note_case_id"))

    op.drop_table("note")
    with op.batch_alter_table("comment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_comment_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_comment_case_id"))
        batch_op.drop_index(batch_op.f("ix_comment_answer_id"))

    op.drop_table("comment")
    with op.batch_alter_table("case_unit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_unit_unit_id"))
        batch_op.drop_index(batch_op.f("ix_case_unit_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_case_unit_case_id"))

    op.drop_table("case_unit")
    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_unit_organisation_id"))

    op.drop_table("unit")
    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_offer_live",
            sqlite_where=sa.text("status IN ('pending', 'accepted')"),
            postgresql_where=sa.text("status IN ('pending', 'accepted')"),
        )
        batch_op.drop_index(batch_op.f("ix_offer_organisation_id"))
        batch_op.drop_index("ix_offer_member_status")
        batch_op.drop_index(batch_op.f("ix_offer_case_id"))

    op.drop_table("offer")
    with op.batch_alter_table("lesson", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lesson_organisation_id"))

    op.drop_table("lesson")
    with op.batch_alter_table("feedback", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_feedback_organisation_id"))

    op.drop_table("feedback")
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_event_organisation_id"))
        batch_op.drop_index("ix_event_organisation_at")

    op.drop_table("event")
    with op.batch_alter_table("conflict", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_conflict_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_conflict_member_id"))

    op.drop_table("conflict")
    with op.batch_alter_table("case_word", schema=None) as batch_op:
        batch_op.drop_index("ix_case_word_case")

    op.drop_table("case_word")
    with op.batch_alter_table("case_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_link_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_case_link_case_id"))

    op.drop_table("case_link")
    with op.batch_alter_table("answer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_answer_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_answer_member_id"))
        batch_op.drop_index(batch_op.f("ix_answer_case_id"))

    op.drop_table("answer")
    with op.batch_alter_table("absence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_absence_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_absence_member_id"))

    op.drop_table("absence")
    with op.batch_alter_table("member", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_member_person_id"))
        batch_op.drop_index(batch_op.f("ix_member_organisation_id"))

    op.drop_table("member")
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_job_organisation_id"))
        batch_op.drop_index(
            "ix_job_lane_waiting",
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )
        batch_op.drop_index(
            "ix_job_due_waiting",
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )
        batch_op.drop_index(batch_op.f("ix_job_case_id"))

    op.drop_table("job")
    with op.batch_alter_table("district", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_district_organisation_id"))

    op.drop_table("district")
    with op.batch_alter_table("case", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_requester_id"))
        batch_op.drop_index("ix_case_organisation_status")
        batch_op.drop_index(batch_op.f("ix_case_organisation_id"))
        batch_op.drop_index("ix_case_organisation_filed")
        batch_op.drop_index(batch_op.f("ix_case_coordinator_id"))

    op.drop_table("case")
    with op.batch_alter_table("workspace", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_workspace_organisation_id"))

    op.drop_table("workspace")
    with op.batch_alter_table("university", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_university_organisation_id"))

    op.drop_table("university")
    with op.batch_alter_table("posted", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_posted_organisation_id"))

    op.drop_table("posted")
    with op.batch_alter_table("lane", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lane_organisation_id"))
        batch_op.drop_index("ix_lane_next_at")

    op.drop_table("lane")
    with op.batch_alter_table("identity", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_identity_person_id"))

    op.drop_table("identity")
    with op.batch_alter_table("draft", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_draft_person_id"))
        batch_op.drop_index(batch_op.f("ix_draft_organisation_id"))

    op.drop_table("draft")
    with op.batch_alter_table("digest", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_digest_organisation_id"))

    op.drop_table("digest")
    with op.batch_alter_table("cluster", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cluster_organisation_id"))

    op.drop_table("cluster")
    with op.batch_alter_table("area", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_area_organisation_id"))

    op.drop_table("area")
    with op.batch_alter_table("seen_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_seen_event_seen_at"))

    op.drop_table("seen_event")
    op.drop_table("person")
    op.drop_table("organisation")
    op.drop_table("installation")
