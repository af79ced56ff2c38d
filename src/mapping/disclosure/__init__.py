"""The gate: decides what may be shown, hides the rest so that it cannot be worked out, and attacks its own work."""
