"""What was published before: the chain of releases, the counts behind them, and what was told besides."""
