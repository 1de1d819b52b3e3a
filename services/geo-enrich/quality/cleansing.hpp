#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rookery::geo_enrich {

/// What was changed in a text, as bits.
struct Changes {
  bool entities = false;    ///< Character references were decoded: &amp;
  bool controls = false;    ///< Control characters were taken out.
  bool invisible = false;   ///< Characters that nobody sees were taken out.
  bool normalised = false;  ///< Letters and their accents were put together (NFC).

  [[nodiscard]] bool any() const { return entities || controls || invisible || normalised; }
};

/// Writes the text to `out` as people read it. Control characters but tab and line
/// break go, and what has no width but orders or hides text: zero-width spaces, byte
/// order marks, bidirectional controls, tags outside of flags. The joiners of emoji
/// and of Persian stay. `out` is meaningful where something changed.
Changes cleanse(std::string_view text, std::string& out);

/// Whether the address has parameters that track its readers; if so, `out` is the
/// address without them. All others keep their place and bytes.
bool strip_tracking(std::string_view url, std::string& out);

}  // namespace rookery::geo_enrich
