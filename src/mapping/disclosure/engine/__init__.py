"""The engine: one linear system, what an attacker can work out from it, and the cheapest cells that stop him."""
