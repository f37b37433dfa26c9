"""The doors: HTTP, HTML and the command line. The only floor that knows any of them."""
