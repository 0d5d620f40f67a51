"""Which pack answers a specification: from which cell, how many in series and parallel, and what follows from that."""
