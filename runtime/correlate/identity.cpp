// Identities are XXH3 hashes.
#include "runtime/correlate/identity.h"

#include <xxhash.h>

namespace weir::correlate {

Identity128 identity_of(std::string_view bytes) {
  XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.high64, hash.low64};
}

Identity128 combined(const Identity128& first, const Identity128& second) {
  const uint64_t both[] = {first.high, first.low, second.high, second.low};
  return identity_of({reinterpret_cast<const char*>(both), sizeof both});
}

}  // namespace weir::correlate
