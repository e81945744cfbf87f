"""Is each rule watched? Every one is taken out in turn, in a copy of the tree: the tests it names must turn red."""
