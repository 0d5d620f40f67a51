"""Where to hold safety stock: the guaranteed-service model on any network without cycles."""
