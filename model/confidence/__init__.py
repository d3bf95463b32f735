"""How sure a reading is."""
