"""Whistles at a browser's window (哨单的窗口): the page of one, its forms, a department's inbox."""
