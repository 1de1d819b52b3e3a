#include "services/hashtag-window/pane_snapshot.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <utility>

namespace rookery::hashtag_window {
namespace {

void put_number(std::string& out, std::uint64_t number) {
  for (; number >= 0x80U; number >>= 7U) out.push_back(static_cast<char>(number | 0x80U));
  out.push_back(static_cast<char>(number));
}

std::uint64_t folded(std::int64_t number) {
  return (static_cast<std::uint64_t>(number) << 1U) ^ static_cast<std::uint64_t>(number >> 63U);
}

std::int64_t unfolded(std::uint64_t number) {
  return static_cast<std::int64_t>(number >> 1U) ^ -static_cast<std::int64_t>(number & 1U);
}

/// Takes numbers and texts from the front of bytes; after a failure all are empty.
class Taker {
 public:
  explicit Taker(std::string_view bytes) : left_(bytes) {}

  std::uint64_t number() {
    std::uint64_t result = 0;
    for (unsigned shift = 0; shift < 64 && !left_.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(left_.front());
      left_.remove_prefix(1);
      result |= std::uint64_t{byte & 0x7fU} << shift;
      if (byte < 0x80U) return result;
    }
    fail();
    return 0;
  }
  std::string_view text() {
    const std::uint64_t size = number();
    if (size > left_.size()) {
      fail();
      return {};
    }
    const std::string_view result = left_.substr(0, size);
    left_.remove_prefix(size);
    return result;
  }
  void fail() {
    ok_ = false;
    left_ = {};
  }
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] std::size_t left() const { return left_.size(); }

 private:
  std::string_view left_;
  bool ok_ = true;
};

std::size_t shared_front(std::string_view a, std::string_view b) {
  const auto [at, other] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  return static_cast<std::size_t>(at - a.begin());
}

/// The numbers that a snapshot gives to the keys and spellings of some panes: first the keys in the
/// order of their bytes, then the spellings that are not the key.
class OwnNumbers {
 public:
  OwnNumbers(const KeyCells& cells, Pane begin, Pane end) : own_(cells.numbers(), kNone) {
    for (Pane pane = begin; pane < end; ++pane) {
      cells.each_cell(pane, [&](const CellSums& cell, const PackedPane::Authors& /*authors*/) {
        mark(keys_, cell.key);
        if (cell.spelling != cell.key && mark(spellings_, cell.spelling)) {
          owners_.emplace_back(cell.spelling, cell.key);
        }
      });
    }
    std::sort(keys_.begin(), keys_.end(),
              [&](std::uint32_t a, std::uint32_t b) { return cells.text(a) < cells.text(b); });
    std::uint32_t next = 0;
    for (const std::uint32_t key : keys_) own_[key] = next++;
    for (const std::uint32_t spelling : spellings_) own_[spelling] = next++;
  }

  /// Of a key what it does not share with the one before it.
  void write(const KeyCells& cells, std::string& out) const {
    const auto put_text = [&](std::string_view text) {
      put_number(out, text.size());
      out.append(text);
    };
    put_number(out, keys_.size());
    std::string_view before;
    for (const std::uint32_t key : keys_) {
      const std::string_view text = cells.text(key);
      const std::size_t shared = shared_front(before, text);
      put_number(out, shared);
      put_text(text.substr(shared));
      before = text;
    }
    put_number(out, owners_.size());
    for (const auto& [spelling, key] : owners_) {
      put_number(out, own_[key]);
      put_text(cells.text(spelling));
    }
  }
  [[nodiscard]] std::uint32_t of(std::uint32_t number) const { return own_[number]; }

 private:
  bool mark(std::vector<std::uint32_t>& list, std::uint32_t number) {
    if (own_[number] != kNone) return false;
    own_[number] = 0;
    list.push_back(number);
    return true;
  }

  std::vector<std::uint32_t> own_;
  std::vector<std::uint32_t> keys_;
  std::vector<std::uint32_t> spellings_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> owners_;  ///< Spelling, key.
};

std::string write_panes(const KeyCells& cells, Pane begin, Pane end,
                        const std::function<PaneFacts(Pane)>& facts) {
  std::string out;
  put_number(out, folded(begin));
  put_number(out, static_cast<std::uint64_t>(end - begin));
  const OwnNumbers own(cells, begin, end);
  own.write(cells, out);
  PanePacker packer;
  std::vector<KeyCells::LoadedCell> in_order;
  for (Pane pane = begin; pane < end; ++pane) {
    const PaneFacts told = facts(pane);
    put_number(out, static_cast<std::uint64_t>(told.first + 1));
    put_number(out, told.dropped);
    put_number(out, told.charged);
    cells.each_cell(pane, [&](CellSums cell, const PackedPane::Authors& authors) {
      cell.key = own.of(cell.key);
      cell.spelling = own.of(cell.spelling);
      in_order.emplace_back(cell, authors);
    });
    std::sort(in_order.begin(), in_order.end(), [](const auto& a, const auto& b) {
      return std::pair(a.first.key, a.first.spelling) < std::pair(b.first.key, b.first.spelling);
    });
    for (const auto& [cell, authors] : in_order) packer.add(cell, authors);
    in_order.clear();
    const PackedPane packed = packer.finish();
    put_number(out, packed.size());
    const auto bytes = packed.raw();
    put_number(out, bytes.size());
    out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  return out;
}

/// Numbers in `cells` for those of a snapshot; kept until it goes.
class Names {
 public:
  Names(KeyCells& cells, Taker& take) : cells_(cells) {
    hold_keys(take);
    for (std::uint64_t left = take.number(); left > 0 && take.ok(); --left) {
      const std::uint64_t owner = take.number();
      const std::string_view text = take.text();
      if (owner >= keys_) {
        take.fail();
        return;
      }
      names_.push_back(cells_.hold(cells_.text(names_[owner].key), text));
    }
  }
  ~Names() {
    for (const KeyCells::Name name : names_) cells_.release(name);
  }
  Names(const Names&) = delete;
  Names& operator=(const Names&) = delete;

  /// Gives the cell its numbers here; false where there is no such key or spelling.
  [[nodiscard]] bool rename(CellSums& cell) const {
    if (cell.key >= keys_ || cell.spelling >= names_.size()) return false;
    const std::uint32_t key = names_[cell.key].key;
    if (cell.spelling == cell.key) {
      cell.spelling = key;
    } else {
      if (cell.spelling < keys_ || names_[cell.spelling].key != key) return false;
      cell.spelling = names_[cell.spelling].spelling;
    }
    cell.key = key;
    return true;
  }

 private:
  /// Some at a time: each look-up would wait for memory by itself.
  static constexpr std::size_t kAtOnce = 32;

  void hold_keys(Taker& take) {
    std::array<std::string, kAtOnce> keys;
    std::size_t count = 0;
    std::string key;
    for (std::uint64_t left = take.number(); left > 0 && take.ok(); --left) {
      const std::uint64_t shared = take.number();
      if (shared > key.size()) {
        take.fail();
        return;
      }
      key.resize(shared);
      key += take.text();
      keys[count++] = key;
      if (count < kAtOnce && left > 1) continue;
      hold(std::span(keys).first(std::exchange(count, 0)));
    }
  }
  void hold(std::span<const std::string> keys) {
    cells_.prefetch(keys);
    for (const std::string& key : keys) names_.push_back(cells_.hold(key, ""));
    keys_ += keys.size();
  }

  KeyCells& cells_;
  std::vector<KeyCells::Name> names_;
  std::size_t keys_ = 0;
};

}  // namespace

void save_panes(const KeyCells& cells, Pane begin, Pane end, std::size_t bytes_max,
                const std::function<PaneFacts(Pane)>& facts,
                const std::function<void(std::string bytes)>& give) {
  while (begin < end) {
    std::size_t bytes = cells.sealed_bytes(begin);
    Pane next = begin + 1;
    while (next < end && bytes + cells.sealed_bytes(next) <= bytes_max) {
      bytes += cells.sealed_bytes(next++);
    }
    bool any = bytes != 0;
    for (Pane pane = begin; pane < next && !any; ++pane) any = facts(pane).dropped != 0;
    if (any) give(write_panes(cells, begin, next, facts));
    begin = next;
  }
}

bool load_panes(KeyCells& cells, std::string_view bytes,
                const std::function<void(Pane, const PaneFacts&)>& tell) {
  Taker take(bytes);
  const Pane begin = unfolded(take.number());
  const std::uint64_t count = take.number();
  const Names names(cells, take);
  std::vector<KeyCells::LoadedCell> loaded;
  for (std::uint64_t i = 0; i < count && take.ok(); ++i) {
    const Pane pane = begin + static_cast<Pane>(i);
    PaneFacts facts;
    facts.first = static_cast<std::int64_t>(take.number()) - 1;
    facts.dropped = take.number();
    facts.charged = take.number();
    const std::uint64_t left = take.number();
    loaded.clear();
    bool known = true;
    const bool whole = PackedPane::each_of_raw(
        take.text(), left, [&](CellSums cell, const PackedPane::Authors& authors) {
          known = known && names.rename(cell);
          loaded.emplace_back(cell, authors);
        });
    if (!known || !whole || !take.ok() || cells.has(pane)) return false;
    if (!loaded.empty()) cells.load(pane, loaded);
    tell(pane, facts);
  }
  return take.ok() && take.left() == 0;
}

std::string moved_panes(std::string_view bytes, Pane begin) {
  Taker take(bytes);
  take.number();
  std::string moved;
  put_number(moved, folded(begin));
  return moved.append(bytes.substr(bytes.size() - take.left()));
}

}  // namespace rookery::hashtag_window
