"""One assignment -> what students get, searched for leaks."""
