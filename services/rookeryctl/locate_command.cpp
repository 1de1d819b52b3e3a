#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>

#include "common/records/json_writer.hpp"
#include "services/geo-enrich/location_json.hpp"
#include "services/geo-enrich/locator.hpp"
#include "services/rookeryctl/commands.hpp"

namespace rookery::rookeryctl {
namespace {

struct LocateOptions {
  std::string gazetteer;  ///< Empty: the one that came with the executable.
};

Result<int> locate_lines(const LocateOptions& options) {
  auto path = options.gazetteer.empty() ? geo_enrich::own_gazetteer_path()
                                        : Result<std::string>(options.gazetteer);
  ROOKERY_RETURN_IF_ERROR(path);
  const auto gazetteer = geo_enrich::Gazetteer::open(*path);
  ROOKERY_RETURN_IF_ERROR(gazetteer);
  geo_enrich::Locator locator(*gazetteer);
  std::string out;
  for (std::string line; std::getline(std::cin, line);) {
    if (line.ends_with('\r')) line.pop_back();
    out.clear();
    geo_enrich::append_located_text(out, *gazetteer, line, locator.locate_text(line));
    out.push_back('\n');
    print(out);
  }
  return 0;
}

}  // namespace

void add_locate(CLI::App& app, Command& chosen) {
  auto* command = app.add_subcommand(
      "locate", "Names of places or profile locations on standard input, one a line, to JSON");
  command->fallthrough();
  const auto options = std::make_shared<LocateOptions>();  // Shared with the callback.
  command->add_option("--gazetteer", options->gazetteer,
                      "The compiled gazetteer; unset: the one beside the executable's folder");
  command->callback(
      [&chosen, options] { chosen = [options](Context&) { return locate_lines(*options); }; });
}

}  // namespace rookery::rookeryctl
