#include "services/ingest/ws/zstd_frames.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <zstd.h>

namespace rookery::ingest {
namespace {

struct FreeContext {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};
struct FreeDictionary {
  void operator()(ZSTD_DDict* dictionary) const { ZSTD_freeDDict(dictionary); }
};

Failure refused(const std::string& path, std::string_view got) {
  return misconfigured("option_invalid",
                       "ws_zstd_dictionary: expected the zstd dictionary with which the server "
                       "compresses, got " +
                           std::string(got) + " \"" + path + "\"");
}

Failure malformed(std::string_view what) {
  return dead_letter("frame_malformed", "expected a whole zstd frame: " + std::string(what));
}

}  // namespace

struct ZstdFrames::Contexts {
  std::unique_ptr<ZSTD_DCtx, FreeContext> context{ZSTD_createDCtx()};
  std::unique_ptr<ZSTD_DDict, FreeDictionary> dictionary;
  unsigned id = 0;
};

bool is_zstd(std::string_view frame) {
  return frame.starts_with("\x28\xb5\x2f\xfd");
}

ZstdFrames::ZstdFrames(std::unique_ptr<Contexts> contexts) : contexts_(std::move(contexts)) {}
ZstdFrames::~ZstdFrames() = default;

Result<std::unique_ptr<ZstdFrames>> ZstdFrames::open(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  if (!file || bytes.empty()) return refused(path, "no readable file");
  auto contexts = std::make_unique<Contexts>();
  contexts->id = ZSTD_getDictID_fromDict(bytes.data(), bytes.size());
  if (contexts->id == 0) return refused(path, "a file that is none,");
  contexts->dictionary.reset(ZSTD_createDDict(bytes.data(), bytes.size()));
  if (!contexts->dictionary || !contexts->context) return refused(path, "a damaged one,");
  return std::unique_ptr<ZstdFrames>(new ZstdFrames(std::move(contexts)));
}

Result<void> ZstdFrames::decode(std::string_view frame, std::size_t bytes_max, std::string& out) {
  const unsigned id = ZSTD_getDictID_fromFrame(frame.data(), frame.size());
  if (is_zstd(frame) && id != 0 && id != contexts_->id) {
    return misconfigured("dictionary_mismatch",
                         "the server compresses with the zstd dictionary " + std::to_string(id) +
                             ", ws_zstd_dictionary is number " + std::to_string(contexts_->id));
  }
  ZSTD_DCtx* const context = contexts_->context.get();
  ZSTD_DCtx_reset(context, ZSTD_reset_session_only);
  ZSTD_DCtx_refDDict(context, contexts_->dictionary.get());
  // The size in a frame's head is the sender's word: room grows with what really comes.
  out.clear();
  ZSTD_inBuffer input{frame.data(), frame.size(), 0};
  while (true) {
    const std::size_t begin = out.size();
    if (begin > bytes_max) return malformed("longer than " + std::to_string(bytes_max) + " bytes");
    out.resize(begin + ZSTD_DStreamOutSize());
    ZSTD_outBuffer output{out.data() + begin, out.size() - begin, 0};
    const std::size_t left = ZSTD_decompressStream(context, &output, &input);
    out.resize(begin + output.pos);
    if (ZSTD_isError(left) != 0) return malformed(ZSTD_getErrorName(left));
    if (left == 0) break;
    if (output.pos == 0 && input.pos == input.size) return malformed("it ends early");
  }
  if (out.size() > bytes_max)
    return malformed("longer than " + std::to_string(bytes_max) + " bytes");
  return {};
}

std::string shipped_zstd_dictionary() {
  std::error_code ignored;
  const auto executable = std::filesystem::read_symlink("/proc/self/exe", ignored);
  return (executable.parent_path().parent_path() / "share/rookery/jetstream.zdict").string();
}

}  // namespace rookery::ingest
