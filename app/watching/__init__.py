"""What `app/watch.py` is made of: the folder, the ledger, and the line that shows the progress. Nothing but Python."""
