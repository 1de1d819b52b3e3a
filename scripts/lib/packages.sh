# shellcheck shell=bash disable=SC2034  # shares names with scripts/setup
# Debian packages, by name. Which version is the distribution's affair.

build_packages=(
  # Compile and link. mold and ccache only save time.
  g++ cmake ninja-build make pkg-config ccache mold git ca-certificates
  # JSON: one library to write and to edit, one to read fast.
  nlohmann-json3-dev libsimdjson-dev
  # HTTP: the admin port, and the clients of the stores.
  libcpp-httplib-dev libcurl4-openssl-dev
  # WebSocket.
  libboost-dev
  # Metrics, command lines, configuration files, Result<T>.
  prometheus-cpp-dev libcli11-dev libtoml11-dev libexpected-dev
  # Unicode's normal forms and properties; which part of a host name is registered.
  libutf8proc-dev libpsl-dev
  # Which language a text is in.
  libcld2-dev
  # The wire format of the topics.
  protobuf-compiler libprotobuf-dev
  # Tests and measurements.
  catch2 libbenchmark-dev
  # Compressed input files, and what librdkafka links: without libzstd-dev it is
  # built without zstd and says so only in passing.
  zlib1g-dev libbz2-dev libzstd-dev liblz4-dev libssl-dev
)
run_packages=(
  # Scripts and tests of the whole suite, and a look into topics.
  python3 kcat
  # The local broker and its console tools.
  openjdk-17-jre-headless
)
lint_packages=(clang clang-format clang-tidy shellcheck)

# Prints those of the named packages that are not installed.
missing_packages() {
  local installed
  installed=$(dpkg-query -W -f='${db:Status-Abbrev} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^.i  *//p' || true)
  printf '%s\n' "$@" | sort -u | comm -23 - <(sort -u <<<"$installed")
}

install_packages() {
  local missing
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]})) || return 0
  ((EUID == 0)) || have sudo || die "root is needed (or sudo) to install: ${missing[*]}"
  say "installing ${#missing[@]} Debian packages: ${missing[*]}"
  local log
  log=$(mktemp)
  # Another apt (an image's first boot, say) may hold the lock for a while.
  quietly "$log" as_root apt-get -o DPkg::Lock::Timeout=300 update ||
    die "the package lists cannot be read"
  quietly "$log" as_root env DEBIAN_FRONTEND=noninteractive apt-get -y -o DPkg::Lock::Timeout=300 \
    install --no-install-recommends "${missing[@]}" || die "packages cannot be installed: ${missing[*]}"
  rm -f "$log"
}

# need_command COMMAND PACKAGE: a command from elsewhere is as good as Debian's,
# and Debian's npm and another Node.js exclude each other.
need_command() {
  have "$1" || install_packages "$2"
}
