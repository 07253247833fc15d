// See tail_content.h.
#include "runtime/ingest/tail_content.h"

#include <fcntl.h>
#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <type_traits>

#include "runtime/ingest/inflate.h"

namespace weir::ingest {
namespace {

constexpr char kMarkVersion = 1;

// The numbers of a mark, in the order in which they are written.
template <class Mark, class Each>
void each_number(Mark& mark, const Each& each) {
  each(mark.offset), each(mark.line), each(mark.head), each(mark.foot), each(mark.head_bytes);
  each(mark.foot_bytes), each(mark.device), each(mark.inode), each(mark.caught_up), each(mark.damaged);
}

}  // namespace

Descriptor::~Descriptor() { ::close(number_); }

std::shared_ptr<Descriptor> open_file(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return nullptr;
  auto file = std::make_shared<Descriptor>(descriptor);
  struct stat status;
  if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) return nullptr;
  return file;
}

uint64_t hash_of(std::string_view bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

std::string TailMark::bytes() const {
  std::string out(1, kMarkVersion);
  each_number(*this, [&](const auto& number) {
    out.append(reinterpret_cast<const char*>(&number), sizeof number);
  });
  return out;
}

std::optional<TailMark> TailMark::of(std::string_view bytes) {
  TailMark mark;
  if (bytes.empty() || bytes[0] != kMarkVersion) return std::nullopt;
  bytes.remove_prefix(1);
  bool well = true;
  each_number(mark, [&](auto& number) {
    well = well && bytes.size() >= sizeof number;
    if (!well) return;
    std::memcpy(&number, bytes.data(), sizeof number);
    bytes.remove_prefix(sizeof number);
  });
  well = well && bytes.empty() && mark.head_bytes <= kTailProof;
  if (!well || mark.foot_bytes > std::min<uint64_t>(kTailProof, mark.offset)) return std::nullopt;
  return mark;
}

// The file from its beginning; knows whether somebody has asked beyond its end.
class Content::Raw final : public ByteStream {
 public:
  explicit Raw(Content& content) : content_(content) {}
  size_t read(char* out, size_t room) override {
    const size_t got = content_.read_raw(at_, out, room);
    at_ += got;
    content_.budget_.taken = at_;
    ended_ |= got == 0;
    return got;
  }
  bool ended() const { return ended_; }

 private:
  Content& content_;
  uint64_t at_ = 0;
  bool ended_ = false;
};

Content::Content(std::shared_ptr<Descriptor> file) : file_(std::move(file)) {
  char head[8];
  compressed_ = looks_compressed({head, read_raw(0, head, sizeof head)});
}

Content::~Content() = default;

size_t Content::read_raw(uint64_t offset, char* out, size_t size) {
  size_t done = 0;
  while (done < size) {
    const ssize_t got = ::pread(file_->number(), out + done, size - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    failed_ |= got < 0;
    if (got <= 0) break;
    done += static_cast<size_t>(got);
  }
  return done;
}

// Of a compressed file what stands before has to be read again.
bool Content::go_to(uint64_t offset) {
  if (!plain_ || offset < at_) {
    budget_ = {};
    raw_ = std::make_unique<Raw>(*this);
    plain_ = decompressed(*raw_, budget_);
    at_ = 0;
  }
  char passed[16384];
  while (at_ < offset) {
    const size_t got = plain_->read(passed, std::min<uint64_t>(sizeof passed, offset - at_));
    if (got == 0) return false;
    at_ += got;
  }
  return true;
}

size_t Content::read(uint64_t offset, char* out, size_t size) {
  if (!compressed_) return read_raw(offset, out, size);
  size_t done = 0;
  if (!go_to(offset)) return 0;
  while (done < size) {
    const size_t got = plain_->read(out + done, size - done);
    if (got == 0) break;
    at_ += got;
    done += got;
  }
  return done;
}

std::string Content::damage() const {
  return compressed_ && plain_ && raw_ && !raw_->ended() ? plain_->error() : std::string();
}

bool Content::holds(const TailMark& mark) {
  if (mark.head_bytes == 0) return compressed_;
  char proof[kTailProof];
  if (read(0, proof, mark.head_bytes) != mark.head_bytes) return false;
  if (hash_of({proof, mark.head_bytes}) != mark.head) return false;
  if (read(mark.offset - mark.foot_bytes, proof, mark.foot_bytes) != mark.foot_bytes) return false;
  return mark.foot_bytes == 0 || hash_of({proof, mark.foot_bytes}) == mark.foot;
}

}  // namespace weir::ingest
