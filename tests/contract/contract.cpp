#include "tests/contract/contract.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include <catch2/catch.hpp>
#include <google/protobuf/util/json_util.h>

namespace rookery::contract {

const std::vector<TopicDeclaration>& topics() {
  static const auto declared = parse_topics(built_in_topics());
  REQUIRE(declared);
  return *declared;
}

const google::protobuf::Descriptor& message_named(const std::string& name) {
  const auto* found = google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(
      "rookery.v1." + name);
  INFO("message " << name);
  REQUIRE(found != nullptr);
  return *found;
}

const google::protobuf::Descriptor& message_of(const std::string& topic) {
  const auto declared = std::find_if(topics().begin(), topics().end(),
                                     [&](const auto& other) { return other.name == topic; });
  INFO("topic " << topic);
  REQUIRE(declared != topics().end());
  return message_named(declared->record);
}

Parsed parse_strictly(const google::protobuf::Descriptor& type, const std::string& json) {
  const auto* prototype =
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(&type);
  Parsed parsed{.message = std::unique_ptr<google::protobuf::Message>(prototype->New()),
                .error = {}};
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = false;
  const auto status =
      google::protobuf::util::JsonStringToMessage(json, parsed.message.get(), options);
  if (!status.ok()) parsed.error = std::string(status.message());
  return parsed;
}

std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder,
                                            const std::string& suffix) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().string().ends_with(suffix)) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<std::string> lines_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

bool is_deletion(const std::string& line) {
  return line.ends_with(",\"deleted\":true}");
}

}  // namespace rookery::contract
