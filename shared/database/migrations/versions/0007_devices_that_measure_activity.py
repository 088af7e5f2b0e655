"""The devices that measured the activity before and after an administration (TID 10022)."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_NAMES = ("pre_administration_measurement_device", "post_administration_measurement_device")


def upgrade() -> None:
    """Go to this version."""
    for name in _NAMES:
        op.add_column("administration", sa.Column(name, sa.String(), nullable=True))


def downgrade() -> None:
    """Go back to the version before."""
    for name in _NAMES:
        op.drop_column("administration", name)
