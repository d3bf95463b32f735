"""How weights are made; nothing that serves imports it."""
