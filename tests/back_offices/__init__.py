"""Back offices of every kind, with real servers behind them."""
