// See whole_gzip.h.
#include "runtime/ingest/whole_gzip.h"

#include <libdeflate.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "runtime/ingest/inflate.h"

namespace weir::ingest {
namespace {

constexpr size_t kTrailer = 4;     // of a member: its size, modulo 2^32
constexpr size_t kLeastFile = 18;  // a header and a trailer
constexpr size_t kLeastOutput = 64u << 10;

static_assert(kWholeOutput <= Budget::kFree);

}  // namespace

WholeGzip::WholeGzip() : inflater_(libdeflate_alloc_decompressor()) {}
WholeGzip::~WholeGzip() { libdeflate_free_decompressor(inflater_); }

void WholeGzip::Buffer::grow(size_t size, size_t kept) {
  if (size <= capacity) return;
  auto larger = std::make_unique_for_overwrite<char[]>(size);
  if (kept > 0) std::memcpy(larger.get(), bytes.get(), kept);
  bytes = std::move(larger);
  capacity = size;
}

std::optional<WholeGzip::Bytes> WholeGzip::read(int descriptor) {
  struct stat status;
  if (!inflater_ || ::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  size_t size = static_cast<size_t>(status.st_size);
  char head[4] = {};
  if (size < kLeastFile || size > kWholeInput) return std::nullopt;
  if (::pread(descriptor, head, sizeof head, 0) != sizeof head || !looks_compressed({head, sizeof head}))
    return std::nullopt;
  input_.grow(size, 0);
  if (::pread(descriptor, input_.bytes.get(), size, 0) != static_cast<ssize_t>(size)) return std::nullopt;
  size_t written = 0;
  if (!inflate(size, written)) return std::nullopt;
  std::string_view plain(output_.bytes.get(), written);
  if (looks_compressed(plain)) return std::nullopt;
  return Bytes{plain, {input_.bytes.get(), size}};
}

// The trailer says how large the (last) member is; where that is not so, or there are several, the output
// grows.
bool WholeGzip::inflate(size_t size, size_t& written) {
  const char* input = input_.bytes.get();
  uint32_t told;
  std::memcpy(&told, input + size - kTrailer, kTrailer);
  output_.grow(std::clamp<size_t>(told, kLeastOutput, kWholeOutput), 0);
  for (size_t at = 0; at < size;) {
    size_t used = 0, got = 0;
    libdeflate_result result =
        libdeflate_gzip_decompress_ex(inflater_, input + at, size - at, output_.bytes.get() + written,
                                      output_.capacity - written, &used, &got);
    if (result == LIBDEFLATE_INSUFFICIENT_SPACE && output_.capacity < kWholeOutput) {
      output_.grow(std::min(2 * output_.capacity, kWholeOutput), written);
      continue;
    }
    if (result != LIBDEFLATE_SUCCESS) return false;
    at += used;
    written += got;
  }
  return true;
}

}  // namespace weir::ingest
