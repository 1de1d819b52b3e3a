# shellcheck shell=bash disable=SC2034  # shares names with the scripts that read it
# What every script needs: messages, the cache and state folders, root.

# Messages go to standard error: standard output is for results.
say() { printf '%s: %s\n' "${program:-rookery}" "$*" >&2; }

# die MESSAGE [STATUS]
die() {
  say "error: $1"
  exit "${2:-1}"
}

have() { command -v "$1" >/dev/null 2>&1; }

# HOME may be missing (cron, containers); then the caller has to name the folder.
cache_dir=${ROOKERY_CACHE:-${XDG_CACHE_HOME:-${HOME:?set HOME or ROOKERY_CACHE}/.cache}/rookery}
state_dir=${ROOKERY_STATE:-${XDG_STATE_HOME:-${HOME:?set HOME or ROOKERY_STATE}/.local/state}/rookery}

as_root() {
  if ((EUID == 0)); then
    "$@"
  else
    sudo "$@"
  fi
}

# quietly LOG COMMAND...: shows the output only when the command fails.
quietly() {
  local log=$1
  shift
  if ! "$@" >"$log" 2>&1 </dev/null; then
    tail -n 25 "$log" >&2
    say "failed: $*"
    return 1
  fi
}
