"""What a pack weighs and how large it is, from what it is made of.

`masses` adds up the components of one pack, `bodies` those of many at once: cells, module hardware, conductors,
electronics, cooling, enclosure. `known` does it for
packs of which a table tells some columns, and holds the sums against what they weigh.
"""

from cellroad.engineering.mass.bodies import Bodies, bodies
from cellroad.engineering.mass.generic import filled, find_cell, generic_cell
from cellroad.engineering.mass.known import known
from cellroad.engineering.mass.masses import Masses, Part, masses

__all__ = ["Bodies", "Masses", "Part", "bodies", "filled", "find_cell", "generic_cell", "known", "masses"]
