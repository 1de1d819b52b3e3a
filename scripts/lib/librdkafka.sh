# shellcheck shell=bash disable=SC2154  # shares names with scripts/setup
# librdkafka, static, in the cache. Debian 12's 2.0.2 loses messages when a
# cooperative group rebalances and does not follow a coordinator that moves.

librdkafka_version=2.15.1
librdkafka_version_min=2.10.1
librdkafka_prefix=$cache_dir/librdkafka-$librdkafka_version
# The client vendor's package carries the whole source and nothing built.
librdkafka_package=@confluentinc/kafka-javascript@1.10.1
librdkafka_sha256=ada7d703bb1d3237e2292bfabf438d663b6160c9f1ac2a2406b5dc4257c81b66

install_librdkafka() {
  [[ -f $librdkafka_prefix/lib/librdkafka.a ]] && return 0
  if pkg-config --atleast-version=$librdkafka_version_min rdkafka 2>/dev/null; then
    say "librdkafka: the system's $(pkg-config --modversion rdkafka) is taken"
    return 0
  fi
  need_command npm npm
  mkdir -p "$cache_dir"
  # In a subshell, so that its trap and folder end with it. Not followed by ||, which would switch -e off inside.
  (build_librdkafka)
}

build_librdkafka() {
  local work
  # Beside the target: the last step is a rename, which only works within one file system.
  work=$(mktemp -d "$cache_dir/librdkafka.XXXXXX")
  # shellcheck disable=SC2064 # the value of now
  trap "rm -rf '$work'" EXIT
  cd "$work" || exit

  say "librdkafka: fetching the source"
  quietly "$work/npm.log" npm pack --ignore-scripts "$librdkafka_package"
  local tarball
  tarball=$(echo ./*.tgz)
  echo "$librdkafka_sha256  $tarball" | sha256sum --check --quiet - ||
    die "librdkafka: $tarball is not the expected file"
  tar xzf "$tarball" package/deps/librdkafka
  cd package/deps/librdkafka || exit

  say "librdkafka: building $librdkafka_version (a minute or two)"
  # Its configure reads a *file* named configure.log as one of its modules, hence the other name.
  # -O2 for any processor of the architecture is its default.
  quietly "$work/conf.log" ./configure --prefix="$librdkafka_prefix" --libdir="$librdkafka_prefix/lib" \
    --disable-gssapi --disable-curl
  local feature
  for feature in WITH_ZLIB WITH_ZSTD WITH_LZ4_EXT WITH_SSL WITH_SASL_SCRAM; do
    grep -q "define $feature 1" config.h || die "librdkafka: configured without $feature"
  done
  quietly "$work/make.log" make -C src -j"$(nproc)" lib
  quietly "$work/install.log" make -C src install DESTDIR="$work/root"

  # With no shared library beside it, every linker option finds the static one (which is there twice).
  rm -f "$work/root$librdkafka_prefix"/lib/{*.so*,librdkafka-static.a}
  # Two builds may run at once: the first one wins, the other throws its copy away.
  mv -T "$work/root$librdkafka_prefix" "$librdkafka_prefix" 2>/dev/null ||
    [[ -f $librdkafka_prefix/lib/librdkafka.a ]]
}
