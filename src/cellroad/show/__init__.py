"""How people see it: charts, the report and the command line."""
