"""`python -m huiyin`: the same as the command `huiyin`."""

from huiyin.cli import main

if __name__ == "__main__":
    main()
