#include "common/runtime/dead_letter.hpp"

#include <algorithm>
#include <string>

#include <simdjson.h>

#include "common/records/base64.hpp"
#include "common/records/json_writer.hpp"

namespace rookery {
namespace {

void append_quoted_base64(std::string& out, std::string_view bytes) {
  out.push_back('"');
  append_base64(out, bytes);
  out.push_back('"');
}

/// Text whose escapes would take more room than base64 (a record of control
/// characters) counts as binary, so that a letter has a bounded size.
bool is_readable(std::string_view bytes) {
  if (!simdjson::validate_utf8(bytes.data(), bytes.size())) return false;
  const auto controls = std::count_if(bytes.begin(), bytes.end(),
                                      [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  return static_cast<std::size_t>(controls) <= bytes.size() / 16 + 16;
}

/// Readable where it is text; whole in any case.
void append_bytes(json::ObjectWriter& letter, std::string_view name, std::string_view base64_name,
                  std::string_view bytes) {
  if (is_readable(bytes)) {
    letter.string(name, bytes);
  } else {
    append_quoted_base64(letter.value(base64_name), bytes);
  }
}

/// A message quotes the record, and may have cut it inside a character.
std::string readable(std::string message) {
  if (simdjson::validate_utf8(message.data(), message.size())) return message;
  for (char& c : message) {
    if (static_cast<unsigned char>(c) >= 0x80) c = '?';
  }
  return message;
}

void append_headers(std::string& out, const std::vector<Header>& headers) {
  json::ArrayWriter array(out);
  for (const auto& header : headers) {
    json::ObjectWriter object(array.next());
    object.string("name", header.name);
    append_quoted_base64(object.value("value_base64"), header.value);
  }
}

}  // namespace

void append_dead_letter(Outputs& out, std::string_view topic, std::string_view service,
                        const InputRecord& record, const Error& error, WallTime now) {
  std::string& buffer = out.start(topic, std::nullopt, record.key.value_or(""));
  json::ObjectWriter letter(buffer);
  letter.string("service", service);
  letter.string("reason", error.code);
  letter.string("message", readable(error.message));
  letter.string("topic", record.topic);
  letter.number("partition", std::int64_t{record.partition.value()});
  letter.string("offset", std::to_string(record.offset.value()));
  if (record.value) append_bytes(letter, "value", "value_base64", *record.value);
  if (record.key) append_bytes(letter, "key", "key_base64", *record.key);
  const std::vector<Header> headers = record.headers.read();
  if (!headers.empty()) append_headers(letter.value("headers"), headers);
  letter.time("failed_at", now);
}

std::optional<std::string_view> redriven_reason(const InputRecord& record) {
  std::optional<std::string_view> reason;
  // One that was put back twice has the header twice: the last counts.
  for (const Header& header : record.headers.read()) {
    if (header.name == kRedrivenReason) reason = header.value;
  }
  return reason;
}

}  // namespace rookery
