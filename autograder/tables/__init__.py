"""Tables that people and other programs write and read: what stands between fields, and text that is no formula."""
