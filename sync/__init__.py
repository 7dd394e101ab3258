"""The offline-first engine: journal, protocol, exchange. Knows nothing of the trade."""
