#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include "common/runtime/topic_table.hpp"

/// What the tests of the contract share. Paths are from the repository's root.
namespace rookery::contract {

/// The topics of proto/topics.toml.
const std::vector<TopicDeclaration>& topics();

/// The message of proto/rookery/v1 with this name. Fails the test if there is none.
const google::protobuf::Descriptor& message_named(const std::string& name);

/// The message of the records of `topic`, as proto/topics.toml says.
const google::protobuf::Descriptor& message_of(const std::string& topic);

struct Parsed {
  std::unique_ptr<google::protobuf::Message> message;
  std::string error;  ///< Empty: the parser took it.
};

/// By protobuf's own parser of JSON, which takes no field that is not in the contract.
Parsed parse_strictly(const google::protobuf::Descriptor& type, const std::string& json);

/// The files of `folder` whose name ends in `suffix`, in order.
std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder,
                                            const std::string& suffix);

std::vector<std::string> lines_of(const std::filesystem::path& path);
std::string content_of(const std::filesystem::path& path);

/// How a filter writes a null value: it is no record.
bool is_deletion(const std::string& line);

}  // namespace rookery::contract
