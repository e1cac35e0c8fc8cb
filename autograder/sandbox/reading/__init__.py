"""The processes in which uploads are read: one that imports what it takes, and a fork of it for each upload."""
