"""The verbs of the web: each a file with `router` (its pages and its routes of the API) and `VERB` (what home says)."""
