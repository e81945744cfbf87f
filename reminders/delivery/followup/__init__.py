"""What follows when a delivery has come to an end: another way, the promise, a STOP."""
