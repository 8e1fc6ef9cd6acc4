"""One file per command line verb; each is imported only when it is called."""
