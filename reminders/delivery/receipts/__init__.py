"""What evidence does: reports and answers move a delivery forward."""
