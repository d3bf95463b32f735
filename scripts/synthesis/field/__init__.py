"""Pictures as people send them, kind by kind, drawn with the project's own pens."""
