"""Who is at the window: HTTP for residents, staff and machine clients."""
