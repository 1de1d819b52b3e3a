# shellcheck shell=bash disable=SC2154  # shares names with scripts/setup
# Apache Arrow with Parquet, in the cache: headers and two libraries out of the
# wheel of pyarrow, as Debian 12 has no package. Built for glibc 2.28 and newer.

arrow_version=26.0.1
arrow_prefix=$cache_dir/arrow-$arrow_version
declare -A arrow_sha256=(
  [x86_64]=39cb0f2418282c24bea6ceda77b03e5a8f0a5766b63a8bf194d4e2a2c423548c
  [aarch64]=22a96a225de107eb9acd1ad9a818198ca832df2a4c0952412f754a7ed2105a98
)

# Only what reads Parquet needs it, so that failing here is told and not more.
install_arrow() {
  [[ -f $arrow_prefix/lib/libparquet.so.2600 ]] && return 0
  local machine
  machine=$(uname -m)
  if [[ -z ${arrow_sha256[$machine]-} ]]; then
    say "Arrow: there is none for $machine; Parquet is left out"
    return 0
  fi
  need_command pip3 python3-pip
  say "Arrow: fetching it (50 MB)"
  mkdir -p "$cache_dir"
  (fetch_arrow "$machine") || say "Arrow cannot be fetched; Parquet is left out"
}

fetch_arrow() {
  local work
  work=$(mktemp -d "$cache_dir/arrow.XXXXXX") || return
  # shellcheck disable=SC2064 # the value of now
  trap "rm -rf '$work'" EXIT
  # Which Python has no meaning here: one and the same file for all.
  quietly "$work/pip.log" pip3 download --no-deps --only-binary :all: --dest "$work" \
    --implementation cp --python-version 3.11 --platform "manylinux_2_28_$1" \
    "pyarrow==$arrow_version" || return
  local wheel
  wheel=$(echo "$work"/*.whl)
  echo "${arrow_sha256[$1]}  $wheel" | sha256sum --check --quiet - || return
  python3 -m zipfile -e "$wheel" "$work/wheel" || return
  mkdir -p "$work/root/lib"
  mv "$work/wheel/pyarrow/include" "$work/root/include"
  cp "$work/wheel/pyarrow"/lib{arrow,parquet}.so.2600 "$work/root/lib/"
  mv -T "$work/root" "$arrow_prefix" 2>/dev/null || [[ -f $arrow_prefix/lib/libparquet.so.2600 ]]
}
