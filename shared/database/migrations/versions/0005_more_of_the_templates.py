"""Columns for what the templates of PS3.16 say beyond what 0001 had.

Symptoms of extravasation are codes of CID 10043, not Yes or No, and its activity is a percentage (TID 10022).
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_NEW: dict[str, tuple[tuple[str, type[sa.types.TypeEngine[Any]]], ...]] = {
    "irradiation_event": (
        ("ended_at", sa.DateTime),
        ("is_repeated", sa.Boolean),
        ("reason_for_repeating", sa.String),
        ("is_rejected", sa.Boolean),
        ("reason_for_rejecting", sa.String),
        ("person_name", sa.String),
        ("person_role", sa.String),
    ),
    "ct_irradiation": (("event_label", sa.String), ("reconstruction_algorithm", sa.String)),
    "xray_irradiation": (
        ("projection_eponymous_name", sa.String),
        ("relative_xray_exposure_unit", sa.String),
        ("breast_composition", sa.String),
        ("breast_composition_code", sa.String),
    ),
    "accumulated_dose": (
        ("detector_type", sa.String),
        ("detector_type_code", sa.String),
        ("dose_measurement_device", sa.String),
    ),
    "administration": (("extravasation_activity_percent", sa.Double), ("billing_codes", sa.String)),
    "patient_characteristics": (("patient_state", sa.String),),
}
_NEW_LISTS = ("image_view_modifiers", "view_modifiers")


def upgrade() -> None:
    """Go to this version."""
    for table, columns in _NEW.items():
        for name, kind in columns:
            op.add_column(table, sa.Column(name, kind(), nullable=True))
    for name in _NEW_LISTS:
        op.add_column("xray_irradiation", sa.Column(name, sa.ARRAY(sa.String()), nullable=True))
    op.drop_column("administration", "extravasation_activity_mbq")
    op.alter_column(
        "administration",
        "extravasation_symptoms",
        type_=sa.String(),
        postgresql_using="CASE extravasation_symptoms WHEN true THEN 'Yes' WHEN false THEN 'No' END",
    )


def downgrade() -> None:
    """Go back to the version before; symptoms that are neither Yes nor No are lost."""
    op.alter_column(
        "administration",
        "extravasation_symptoms",
        type_=sa.Boolean(),
        postgresql_using="CASE extravasation_symptoms WHEN 'Yes' THEN true WHEN 'No' THEN false END",
    )
    op.add_column("administration", sa.Column("extravasation_activity_mbq", sa.Double(), nullable=True))
    for name in _NEW_LISTS:
        op.drop_column("xray_irradiation", name)
    for table, columns in _NEW.items():
        for name, _ in columns:
            op.drop_column(table, name)
