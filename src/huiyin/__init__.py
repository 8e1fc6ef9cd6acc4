"""回音: every complaint is handled in its own grid (网格), and none is closed without an answer."""
