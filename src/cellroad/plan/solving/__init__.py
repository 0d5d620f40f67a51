"""From a model to a plan that is proven good: strong rows, cuts, search and the solver."""
