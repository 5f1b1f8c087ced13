"""Maps that a trained network draws: pipelines of their own, since their models are fetched first."""
