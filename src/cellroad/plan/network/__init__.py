"""Which decisions exist at all? The chain unrolled in time, with everything left out that can serve no customer."""
