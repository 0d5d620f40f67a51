"""What a pack weighs and how large it is, from what it is made of.

`masses` adds up components: cells, module hardware, conductors, electronics, cooling, enclosure. `known` does it for
packs of which a table tells some columns, and holds the sums against what they weigh.
"""

from cellroad.engineering.mass.generic import filled, find_cell, generic_cell
from cellroad.engineering.mass.known import known
from cellroad.engineering.mass.masses import Masses, masses
from cellroad.engineering.mass.parts import Part

__all__ = ["Masses", "Part", "filled", "find_cell", "generic_cell", "known", "masses"]
