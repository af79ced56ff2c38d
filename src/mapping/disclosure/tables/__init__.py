"""Plain tables of counts in the exchange format: suppressed, and attacked, by the same engine."""
