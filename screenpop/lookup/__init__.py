"""Who calls: ask those who may know, check what they say, put it in order."""
