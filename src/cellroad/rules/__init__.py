"""What is allowed and what it costs: duties, fees, freight and landed cost by date."""
