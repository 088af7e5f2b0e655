"""How many studies there were lately. Pure."""

from pydantic import BaseModel

MEMORY, SHORT_MEMORY = 0.6, 0.15
"""What an answer counts when the next one is there; when that has much fewer studies than expected."""
MUCH_FEWER = 4


class Density(BaseModel):
    """Studies found in an amount of activity (see `Activity`); what is longer ago counts less."""

    studies: float = 0.0
    amount: float = 0.0
    """In average days."""

    @property
    def per_day(self) -> float:
        """Return how many studies an average day has; 0: nothing is known."""
        return self.studies / self.amount if self.amount else 0.0

    def learn(self, count: int, amount: float) -> None:
        """Take note of an answer."""
        memory = SHORT_MEMORY if MUCH_FEWER * count < self.per_day * amount else MEMORY
        self.studies = self.studies * memory + count
        self.amount = self.amount * memory + amount
