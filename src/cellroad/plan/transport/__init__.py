"""How are goods moved? What a unit loads, containers and shipments, limits of lanes, seasons."""
