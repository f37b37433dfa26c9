"""`python -m api` is `xiangyue`."""

from api.cli import main

main()
