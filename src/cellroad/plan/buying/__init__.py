"""What is agreed about buying: contracts, tiers of price and limits on where purchases come from."""
