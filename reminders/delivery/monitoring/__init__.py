"""What is wrong and what waits, for `/health/`, the status page and the metrics."""
