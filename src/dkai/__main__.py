"""`python -m dkai` is the same program as `dkai`."""

from dkai.cli.entry import main

if __name__ == "__main__":
    main()
