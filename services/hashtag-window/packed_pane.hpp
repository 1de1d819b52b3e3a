#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "services/hashtag-window/authors.hpp"
#include "services/hashtag-window/times.hpp"

namespace rookery::hashtag_window {

/// What one key has in one pane, in one spelling, but for the authors.
struct CellSums {
  std::uint32_t key = 0;
  std::uint32_t spelling = 0;  ///< The number of the key itself where that is how it is.
  std::int64_t count = 0;
  std::int64_t sentiment = 0;
  Times times = {};
};

/// The cells of a closed pane in few bytes (some 7 and 5 for each author, where an open cell
/// takes 72), in the order of their keys' numbers. Read from one end to the other, or from the
/// stretch on in which a key must be; never changed.
class PackedPane {
 public:
  static constexpr std::size_t kHashBytes = 5;
  /// What a cell takes without its authors: one more than is usual.
  static constexpr std::int64_t kCellBytes = 8;

  /// The authors of a cell, as they lie there.
  struct Authors {
    const std::uint8_t* bytes = nullptr;
    std::uint32_t count = 0;  ///< Hashes; 0 for a sketch.
    bool sketch = false;

    [[nodiscard]] std::size_t size() const {
      return sketch ? AuthorSet::kRegisters : count * kHashBytes;
    }
    [[nodiscard]] std::uint64_t hash(std::uint32_t i) const {
      std::uint64_t shortened = 0;
      std::memcpy(&shortened, bytes + i * kHashBytes, kHashBytes);
      return AuthorSet::hash_of(shortened);
    }
    /// Calls `of_hash(hash)` for each, or for a sketch `of_registers(registers)`.
    template <typename OfHash, typename OfRegisters>
    void visit(const OfHash& of_hash, const OfRegisters& of_registers) const {
      if (sketch) return of_registers(bytes);
      for (std::uint32_t i = 0; i < count; ++i) of_hash(hash(i));
    }
    void add_to(AuthorSet& set, std::size_t exact_max) const;
  };

  /// Calls `visit(cell, authors)` for each cell.
  template <typename Visit>
  void each(const Visit& visit) const {
    Reader reader{bytes_.data(), 0};
    const std::uint8_t* const end = bytes_.data() + bytes_.size();
    while (reader.at != end) {
      const Authors authors = reader.next();
      visit(reader.cell, authors);
    }
  }

  /// Likewise for each cell of `key`: one a spelling.
  template <typename Visit>
  void each_of(std::uint32_t key, const Visit& visit) const {
    Reader reader = reader_for(key);
    const std::uint8_t* const end = bytes_.data() + bytes_.size();
    while (reader.at != end) {
      const Authors authors = reader.next();
      if (reader.cell.key > key) return;
      if (reader.cell.key == key) visit(reader.cell, authors);
    }
  }

  /// The cells as bytes.
  [[nodiscard]] std::span<const std::uint8_t> raw() const { return bytes_; }
  /// Calls `visit(cell, authors)` for the `size` cells of such bytes, which kBehind others follow:
  /// a cell that says more than there is reads those. Returns false where they are not so many.
  template <typename Visit>
  [[nodiscard]] static bool each_of_raw(std::string_view bytes, std::size_t size,
                                        const Visit& visit) {
    const auto* const data = reinterpret_cast<const std::uint8_t*>(bytes.data());
    Reader reader{data, 0};
    for (std::size_t i = 0; i < size; ++i) {
      if (reader.at - data >= static_cast<std::ptrdiff_t>(bytes.size())) return false;
      const Authors authors = reader.next();
      if (reader.at - data > static_cast<std::ptrdiff_t>(bytes.size())) return false;
      visit(reader.cell, authors);
    }
    return reader.at - data == static_cast<std::ptrdiff_t>(bytes.size());
  }
  /// More than all numbers of a cell take.
  static constexpr std::size_t kBehind = 96;

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t bytes() const {
    return bytes_.capacity() + stretches_.capacity() * sizeof(Stretch);
  }

 private:
  friend class PanePacker;

  /// Where every 32nd cell begins, and the key of the one before it.
  struct Stretch {
    std::uint32_t before = 0;
    std::uint32_t begin = 0;
  };

  /// See PanePacker::add() for what the bytes mean.
  struct Reader {
    const std::uint8_t* at;
    std::uint32_t before;
    CellSums cell = {};

    Authors next();
    std::uint64_t number();
    std::int64_t signed_number();
    std::uint16_t short_number();
  };
  [[nodiscard]] Reader reader_for(std::uint32_t key) const;

  std::vector<std::uint8_t> bytes_;
  std::vector<Stretch> stretches_;
  std::size_t size_ = 0;
};

/// Makes a packed pane. Keeps its buffers.
class PanePacker {
 public:
  /// Cells come in the order of their keys.
  void add(const CellSums& cell, const AuthorSet& authors);
  void add(const CellSums& cell, const PackedPane::Authors& authors);
  /// The pane of what was added since the last call.
  [[nodiscard]] PackedPane finish();

 private:
  static constexpr std::size_t kStretch = 32;

  void put_number(std::uint64_t number);
  void put_signed(std::int64_t number);
  void put_short(std::uint32_t number);
  void put_sums(const CellSums& cell, unsigned authors);

  std::vector<std::uint8_t> bytes_;
  std::vector<PackedPane::Stretch> stretches_;
  std::size_t size_ = 0;
  std::uint32_t before_ = 0;
};

/// The bits of a cell's second byte. The lowest three are how many authors there are, or one of
/// the two that follow them.
namespace packed {
inline constexpr unsigned kAuthorsMany = 6;    ///< Their number stands before them.
inline constexpr unsigned kAuthorsSketch = 7;  ///< Registers.
inline constexpr unsigned kAuthorsMask = 7;
inline constexpr unsigned kSpelled = 8;      ///< The number of a spelling follows.
inline constexpr unsigned kOnePost = 16;     ///< The count is 1 and not there.
inline constexpr unsigned kTimed = 32;       ///< There are times: the first,
inline constexpr unsigned kTwoTimes = 64;    ///< and the last, where it is another.
inline constexpr unsigned kLongTimes = 128;  ///< They do not fit in 16 bits.
}  // namespace packed

inline std::uint64_t PackedPane::Reader::number() {
  std::uint64_t result = *at & 0x7fU;
  for (unsigned shift = 7; (*at++ & 0x80U) != 0 && shift < 64; shift += 7) {
    result |= std::uint64_t{*at & 0x7fU} << shift;
  }
  return result;
}

inline std::int64_t PackedPane::Reader::signed_number() {
  const std::uint64_t folded = number();
  return static_cast<std::int64_t>(folded >> 1U) ^ -static_cast<std::int64_t>(folded & 1U);
}

inline std::uint16_t PackedPane::Reader::short_number() {
  std::uint16_t result = 0;
  std::memcpy(&result, at, sizeof(result));
  at += sizeof(result);
  return result;
}

inline PackedPane::Authors PackedPane::Reader::next() {
  cell.key = before += static_cast<std::uint32_t>(number());
  const unsigned head = *at++;
  cell.spelling = (head & packed::kSpelled) == 0 ? cell.key : static_cast<std::uint32_t>(number());
  cell.count = (head & packed::kOnePost) != 0 ? 1 : signed_number();
  cell.sentiment = signed_number();
  cell.times = Times();
  if ((head & packed::kTimed) != 0) {
    const auto time = [&] {
      return (head & packed::kLongTimes) == 0 ? short_number()
                                              : static_cast<std::uint32_t>(number());
    };
    cell.times.first = time();
    cell.times.last = (head & packed::kTwoTimes) == 0 ? cell.times.first : time();
  }
  Authors authors;
  authors.sketch = (head & packed::kAuthorsMask) == packed::kAuthorsSketch;
  if (!authors.sketch) {
    authors.count = head & packed::kAuthorsMask;
    if (authors.count == packed::kAuthorsMany) authors.count = static_cast<std::uint32_t>(number());
  }
  authors.bytes = at;
  at += authors.size();
  return authors;
}

}  // namespace rookery::hashtag_window
