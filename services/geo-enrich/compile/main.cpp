#include <cstdio>
#include <string>

#include "services/geo-enrich/compile/compiler.hpp"

namespace {

rookery::Result<void> run(const std::string& folder, const std::string& output) {
  const auto source = rookery::geo_enrich::read_source(folder);
  ROOKERY_RETURN_IF_ERROR(source);
  const auto bytes = rookery::geo_enrich::compile(*source);
  ROOKERY_RETURN_IF_ERROR(bytes);
  return rookery::geo_enrich::write_file(output, *bytes);
}

}  // namespace

/// geo-compile DATA_FOLDER OUTPUT: makes gazetteer.bin at build time. Exit status
/// 64 for a wrong command line, 65 when the data cannot be compiled.
int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: geo-compile DATA_FOLDER OUTPUT\n", stderr);
    return 64;
  }
  const auto result = run(argv[1], argv[2]);
  if (result) return 0;
  std::fprintf(stderr, "geo-compile: %s\n", result.error().message.c_str());
  return 65;
}
