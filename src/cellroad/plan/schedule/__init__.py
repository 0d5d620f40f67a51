"""Working across the ocean: when all can meet, when an order is on the dock, when work with predecessors is done, whose
quote is best, how vendors keep their word, and what a slip does."""

from cellroad.plan.schedule.certification import Certification, certification
from cellroad.plan.schedule.critical import Path, Task, critical_path
from cellroad.plan.schedule.invite import invitation
from cellroad.plan.schedule.lead import Step, Way, way
from cellroad.plan.schedule.meetings import Busy, Meetings, Person, meet
from cellroad.plan.schedule.of_chain import absences, people, tasks
from cellroad.plan.schedule.orders import order
from cellroad.plan.schedule.quotes import Award, Quotation, award, compare_quotes, with_quotes
from cellroad.plan.schedule.scorecards import open_orders, prices, scorecards
from cellroad.plan.schedule.slips import Slip, slip

__all__ = [
    "Award", "Busy", "Certification", "Meetings", "Path", "Person", "Quotation", "Slip", "Step", "Task", "Way",
    "absences", "award", "certification", "compare_quotes", "critical_path", "invitation", "meet", "open_orders",
    "order", "people", "prices", "scorecards", "slip", "tasks", "way", "with_quotes",
]  # fmt: skip
