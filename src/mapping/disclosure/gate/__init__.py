"""The gate: what may be shown is decided here, for a whole release at once."""
