#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <catch2/catch.hpp>
#include <unistd.h>

#include "tests/unit/services/ingest/support.hpp"

namespace rookery::ingest {

/// A folder of its own, gone at the end.
struct Folder {
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "rookery_feed_XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string write(const std::string& name, std::string_view bytes) const {
    const auto file = path / name;
    std::filesystem::create_directories(file.parent_path());
    write_whole(file.string(), bytes);
    return file.string();
  }

  std::filesystem::path path;
};

}  // namespace rookery::ingest
