"""What articles are written in: one small file per format, each from bytes to rows of named fields."""
