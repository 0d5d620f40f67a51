"""What may be started and ended: investments, closures and certification, their dates, conditions and cost."""
