"""The residents' pages (居民窗口): file a complaint and follow it by its receipt, with or without JavaScript."""
