"""NOTE FROM THE LEAD (22:06): prompt_toolkit is out (it made the base install too heavy, 70 MB is the bound).

Build the dialogue on `dkai.cli.menu.choose`, which the lead has just written: arrow keys or numbers on a terminal,
numbered lines where prompts are plain; letters such as b, ?, q come back as themselves; Ctrl-C and Ctrl-D raise
Interrupted. Replace this file with your own.
"""
