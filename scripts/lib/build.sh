# shellcheck shell=bash disable=SC2154,SC2034  # shares names with the script that reads this
# Building, the same way for every script.

programs=(ingest geo-enrich sentiment-scoring hashtag-window sink rookeryctl)

# build PRESET [TARGET...]: configures and builds; all targets if none is named.
# On a terminal ninja shows its progress; elsewhere only what went wrong.
build() {
  local preset=$1
  shift
  local targets=()
  (($#)) && targets=(--target "$@")
  say "building (preset $preset)"
  local log
  log=$(mktemp)
  (cd "$root" && quietly "$log" cmake --preset "$preset") || die "cmake --preset $preset failed"
  if [[ -t 1 ]]; then
    (cd "$root" && cmake --build --preset "$preset" "${targets[@]}") || die "the build failed"
  else
    (cd "$root" && quietly "$log" cmake --build --preset "$preset" "${targets[@]}") || die "the build failed"
  fi
  rm -f "$log"
}
