"""Working across the ocean: when all can meet, when an order is on the dock, when work with predecessors is done."""

from cellroad.plan.schedule.critical import Path, Task, critical_path
from cellroad.plan.schedule.invite import invitation
from cellroad.plan.schedule.lead import Step, Way, way
from cellroad.plan.schedule.meetings import Busy, Meetings, Person, meet
from cellroad.plan.schedule.of_chain import absences, people, tasks
from cellroad.plan.schedule.orders import order

__all__ = [
    "Busy", "Meetings", "Path", "Person", "Step", "Task", "Way", "absences", "critical_path", "invitation", "meet",
    "order", "people", "tasks", "way",
]  # fmt: skip
