"""What keeps the house honest: alarms, breakers, the freeze, rates, heartbeats, watchdogs."""
