"""The demonstration: robots that hold a hearing through the same doors as people, and a report judged from outside."""
