"""What measures the service under load: peers to measure beside it, and the load."""
