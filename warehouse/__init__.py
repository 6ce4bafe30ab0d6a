"""Where things are kept: bytes, the derived tables, the versioned lake and the releases readers open. No analytics."""
