"""Takes the guards of the delivery out, one at a time, and shows which test notices: `make mutants`."""
