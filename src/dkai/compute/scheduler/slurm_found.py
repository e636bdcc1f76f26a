"""Jobs of this person at a cluster that a ledger does not know of: met in the queue, and by their folders."""

from __future__ import annotations

import re

from dkai.compute.host import CommandResult
from dkai.compute.scheduler import Found
from dkai.compute.scheduler.slurm_shell import frames

MOST = 200  # the newest; their names tell when they were made
_JOB_ID = re.compile(r"^dkai-[0-9a-hjkmnp-tv-z]{10}$")

# Reads $table (lines `known NAME`, `place FOLDER`) and $queue; $1: the site's base folder, `-` for the usual one.
# Prints lines `NAME - - FOLDER`. A folder counts when it is this person's own and a job was handed in from it.
SEARCH = rf"""
places() {{
  printf '%s\n' "$table" | sed -n 's/^place //p'
  case $1 in
    -)
      at_login=$(login 'echo "dkai-scratch=$SCRATCH"' 'echo "dkai-scratch=$SCRATCH"' |
        sed -n 's/^dkai-scratch=//p' | tail -n 1)
      printf '%s\n' "${{at_login:-$HOME}}/dkai" "$HOME/dkai"
      ;;
    '~/'*) printf '%s\n' "$HOME/${{1#'~/'}}/dkai" ;;
    *) printf '%s\n' "$1/dkai" ;;
  esac
}}
search() {{
  {{
    printf '%s\n' "$table" | sed -n 's/^known /k /p'
    printf '%s\n' "$queue" | awk -F'|' 'NF > 8 {{
      folder = $9
      for (i = 10; i <= NF; i++) folder = folder "|" $i
      parts = split(folder, part, "/")
      if (part[parts] == $2) print "c " $2 " - - " folder
    }}'
    places "$1" | while IFS= read -r place; do
      for folder in "$place"/dkai-*; do
        [ ! -d "$folder" ] || [ -L "$folder" ] || [ ! -O "$folder" ] ||
          printf 'c %s - - %s\n' "${{folder##*/}}" "$folder"
      done
    done
  }} | awk '
    $1 == "k" {{ known[$2] = 1 }}
    $1 == "c" && $2 ~ /^dkai-[0-9a-z]+$/ && length($2) == 15 && !($2 in known) {{ known[$2] = 1; print substr($0, 3) }}
  ' | sort -r | while read -r name number attempt folder; do
    if [ -e "$folder/lock" ] || [ -e "$folder/record.json" ] || [ -e "$folder/native_id" ] ||
      case $queue in *"|$name|"*) ;; *) false ;; esac
    then
      printf '%s %s %s %s\n' "$name" "$number" "$attempt" "$folder"
    fi
  done | head -n {MOST}
}}
# Shows what was found, with each folder's plan; a plan that is huge, or a link, is none.
show_found() {{
  total=0
  while read -r name _ _ folder; do
    plan=
    if [ -f "$folder/plan.json" ] && [ ! -L "$folder/plan.json" ]; then
      size=$(wc -c <"$folder/plan.json")
      total=$((total + size))
      [ "$size" -gt 300000 ] || [ "$total" -gt 6000000 ] || plan=$(cat "$folder/plan.json")
    fi
    tell "found $name" 0 "$folder
$plan"
  done
}}
"""


def parse(result: CommandResult) -> list[Found]:
    """The jobs, newest first; what has not the shape of a job of ours is left out."""
    jobs = []
    for key, frame in frames(result.stdout).items():
        kind, _, name = key.partition(" ")
        if kind != "found" or not frame.ok or not frame.lines or not _JOB_ID.match(name):
            continue
        folder = frame.lines[0]
        if folder.startswith("/") and folder.endswith(f"/{name}") and "/../" not in folder and folder.isprintable():
            jobs.append(Found(name, folder, "\n".join(frame.lines[1:])))
    return jobs
