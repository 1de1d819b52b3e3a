// How the contract may change: fields are only added. And how the messages of the
// chain hang together: each extends the one before.
#include <cstdlib>
#include <fstream>
#include <set>

#include <catch2/catch.hpp>

#include "tests/contract/contract.hpp"

namespace rookery::contract {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

const std::string kReleased = "proto/compatibility";

/// "repeated rookery.v1.Tag", "string": all that matters to a reader of JSON.
std::string type_of(const FieldDescriptor& field) {
  const std::string repeated = field.is_repeated() ? "repeated " : "";
  if (field.message_type() != nullptr) return repeated + field.message_type()->full_name();
  return repeated + field.type_name();
}

void list_fields(const Descriptor& message, std::set<std::string>& lines,
                 std::set<std::string>& seen) {
  if (!seen.insert(message.full_name()).second || !message.full_name().starts_with("rookery.")) {
    return;
  }
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    lines.insert(field.full_name() + " = " + std::to_string(field.number()) + ": " +
                 type_of(field));
    if (field.message_type() != nullptr) list_fields(*field.message_type(), lines, seen);
  }
}

/// The fields of all topics' messages and of what these consist of, one a line.
std::set<std::string> current_fields() {
  std::set<std::string> lines;
  std::set<std::string> seen;
  for (const auto& topic : topics()) list_fields(message_of(topic.name), lines, seen);
  return lines;
}

TEST_CASE("nothing of a released contract is gone or has changed") {
  const auto current = current_fields();
  const auto releases = files_in(kReleased, ".txt");
  REQUIRE_FALSE(releases.empty());
  for (const auto& release : releases) {
    const auto released = lines_of(release);
    CHECK(released.size() > 100);
    for (const auto& line : released) {
      INFO(release << ": " << line);
      CHECK(current.contains(line));
    }
  }
}

// At a release: ROOKERY_RELEASE=v0.2.0 contract_test "[release]".
TEST_CASE("the contract is released", "[.][release]") {
  const char* version = std::getenv("ROOKERY_RELEASE");  // NOLINT(concurrency-mt-unsafe)
  REQUIRE(version != nullptr);
  std::ofstream file(kReleased + "/" + version + ".txt");
  for (const auto& line : current_fields()) file << line << '\n';
}

void check_extends(const Descriptor& longer, const Descriptor& base) {
  for (int i = 0; i < base.field_count(); ++i) {
    const FieldDescriptor& field = *base.field(i);
    INFO(longer.name() << " extends " << field.full_name());
    const FieldDescriptor* same = longer.FindFieldByNumber(field.number());
    REQUIRE(same != nullptr);
    CHECK(same->name() == field.name());
    CHECK(type_of(*same) == type_of(field));
    CHECK(same->has_presence() == field.has_presence());
  }
  CHECK(longer.field_count() > base.field_count());
}

TEST_CASE("each message of the chain extends the one before") {
  check_extends(message_named("EnrichedTweet"), message_named("RawTweet"));
  check_extends(message_named("ProcessedTweet"), message_named("EnrichedTweet"));
}

TEST_CASE("a name on the wire is the name in the contract") {
  for (const auto& line : current_fields()) {
    const auto name = line.substr(0, line.find(' '));
    INFO(name);
    CHECK(name.substr(name.rfind('.') + 1).find_first_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") ==
          std::string::npos);
  }
}

}  // namespace
}  // namespace rookery::contract
