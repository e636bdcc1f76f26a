"""The parts of the lab: a real Slurm and real OpenSSH on one Debian machine, standard library only.

`places` says where everything lies, `processes` starts and stops, one module each for what is started
(`cluster` and `slurm`, `ssh`), who uses it (`users`, `accounts`), what breaks it (`faults`, `proxy`), and
`lifecycle` puts them together. The `lab` script beside this folder is the way in.
"""
