"""What keeps a pack safe: fuse, contactor, conductors, limits of the battery management, proof by faults."""
