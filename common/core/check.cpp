#include "common/core/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace rookery {

void check_failed(std::string_view condition, std::string_view why, std::string_view file,
                  int line) {
  std::fprintf(stderr,
               "level=error msg=\"broken invariant\" condition=\"%.*s\" why=\"%.*s\" at=%.*s:%d\n",
               static_cast<int>(condition.size()), condition.data(), static_cast<int>(why.size()),
               why.data(), static_cast<int>(file.size()), file.data(), line);
  std::abort();
}

}  // namespace rookery
