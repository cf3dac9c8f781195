"""The async part: whatever waits. It checks the right and relays; it never touches the ORM."""
