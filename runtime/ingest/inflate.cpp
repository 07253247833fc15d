// gzip through zlib, zstd through libzstd; here is only what lies between members, and the limits.
#include "runtime/ingest/inflate.h"

#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cstring>

namespace weir::ingest {
namespace {

constexpr size_t kInputBytes = 64u << 10;
constexpr int kMaxWindowLog = 27;  // of zstd: 128 MiB, its own default limit

bool is_gzip(std::string_view bytes) { return bytes.starts_with("\x1f\x8b\x08"); }

bool is_zstd(std::string_view bytes) {
  if (bytes.starts_with("\x28\xb5\x2f\xfd")) return true;
  bool skippable = bytes.size() >= 4 && (static_cast<uint8_t>(bytes[0]) & 0xf0) == 0x50;
  return skippable && bytes.substr(1, 3) == "\x2a\x4d\x18";
}

// The bytes of a stream with a look ahead.
class Input {
 public:
  explicit Input(ByteStream& source) : source_(source), buffer_(new char[kInputBytes]) {}

  std::string_view rest() const { return {buffer_.get() + begin_, end_ - begin_}; }
  void consume(size_t count) { begin_ += count; }

  // Reads on when there is nothing left; false at the end.
  bool refill() {
    if (begin_ < end_) return true;
    begin_ = 0;
    end_ = source_.read(buffer_.get(), kInputBytes);
    return end_ > 0;
  }

  // At least `count` bytes, unless the source ends before.
  std::string_view peek(size_t count) {
    while (end_ - begin_ < count) {
      std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
      size_t got = source_.read(buffer_.get() + end_, kInputBytes - end_);
      if (got == 0) break;
      end_ += got;
    }
    return rest();
  }

  ByteStream& source() { return source_; }

 private:
  ByteStream& source_;
  std::unique_ptr<char[]> buffer_;
  size_t begin_ = 0, end_ = 0;
};

// What layers of either kind share: where the bytes come from, and the limit.
class Layer : public ByteStream {
 public:
  Layer(std::unique_ptr<Input> input, Budget& budget) : input_(std::move(input)), budget_(budget) {}

 protected:
  // The source has ended where it must not.
  void ends_early(const char* format) {
    const std::string& below = input_->source().error();
    error_ = below.empty() ? fmt::format("the {} stream ends early", format) : below;
  }

  size_t give(size_t count) {
    budget_.given += count;
    if (!budget_.exceeded()) return count;
    error_ = fmt::format("decompresses to more than {} times its size", budget_.max_ratio);
    return 0;
  }

  std::unique_ptr<Input> input_;
  Budget& budget_;
};

class GzipLayer : public Layer {
 public:
  using Layer::Layer;
  ~GzipLayer() override {
    if (ready_) inflateEnd(&stream_);
  }

  size_t read(char* out, size_t room) override {
    if (!error_.empty() || !start()) return 0;
    stream_.next_out = reinterpret_cast<Bytef*>(out);
    stream_.avail_out = static_cast<uInt>(std::min<size_t>(room, 1u << 30));
    const uInt whole = stream_.avail_out;
    while (stream_.avail_out == whole) {
      if (between_members_ && !next_member()) return 0;
      if (!input_->refill()) {
        ends_early("gzip");
        return 0;
      }
      if (!step() && stream_.avail_out == whole) return 0;
      if (!error_.empty()) break;
    }
    return give(whole - stream_.avail_out);
  }

 private:
  bool start() {
    if (ready_) return true;
    ready_ = inflateInit2(&stream_, 15 + 16) == Z_OK;
    if (!ready_) error_ = "no memory to decompress it";
    return ready_;
  }

  bool step() {
    std::string_view in = input_->rest();
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    stream_.avail_in = static_cast<uInt>(in.size());
    int status = inflate(&stream_, Z_NO_FLUSH);
    input_->consume(in.size() - stream_.avail_in);
    if (status == Z_STREAM_END) {
      between_members_ = true;
    } else if (status != Z_OK && status != Z_BUF_ERROR) {
      error_ = fmt::format("the gzip stream is damaged ({})", stream_.msg ? stream_.msg : "out of memory");
      return false;
    }
    return true;
  }

  // Members follow each other, tapes and block devices pad with zeros; anything else is not ours.
  bool next_member() {
    while (input_->refill() && input_->rest()[0] == '\0') {
      size_t zeros = std::min(input_->rest().find_first_not_of('\0'), input_->rest().size());
      input_->consume(zeros);
    }
    std::string_view next = input_->peek(3);
    if (next.empty()) {
      error_ = input_->source().error();
      return false;
    }
    if (!is_gzip(next)) {
      error_ = next.size() < 3 ? "the gzip stream ends early" : "what follows the gzip stream is not gzip";
      return false;
    }
    inflateReset(&stream_);
    between_members_ = false;
    return true;
  }

  z_stream stream_ = {};
  bool ready_ = false;
  bool between_members_ = false;
};

class ZstdLayer : public Layer {
 public:
  ZstdLayer(std::unique_ptr<Input> input, Budget& budget)
      : Layer(std::move(input), budget), stream_(ZSTD_createDCtx(), ZSTD_freeDCtx) {
    if (stream_) ZSTD_DCtx_setParameter(stream_.get(), ZSTD_d_windowLogMax, kMaxWindowLog);
  }

  size_t read(char* out, size_t room) override {
    if (!error_.empty()) return 0;
    if (!stream_) {
      error_ = "no memory to decompress it";
      return 0;
    }
    ZSTD_outBuffer output = {out, room, 0};
    while (output.pos == 0) {
      // What libzstd still holds comes out without more input; only then is the end of the source early.
      bool more = input_->refill();
      if (!more && at_frame_end_) {
        error_ = input_->source().error();
        return 0;
      }
      std::string_view in = input_->rest();
      ZSTD_inBuffer input = {in.data(), in.size(), 0};
      size_t status = ZSTD_decompressStream(stream_.get(), &output, &input);
      input_->consume(input.pos);
      if (ZSTD_isError(status)) {
        error_ = fmt::format("the zstd stream is damaged ({})", ZSTD_getErrorName(status));
        break;
      }
      at_frame_end_ = status == 0;
      if (!more && output.pos == 0 && !at_frame_end_) {
        ends_early("zstd");
        return 0;
      }
    }
    return give(output.pos);
  }

 private:
  std::unique_ptr<ZSTD_DCtx, size_t (*)(ZSTD_DCtx*)> stream_;
  bool at_frame_end_ = false;
};

class PlainLayer : public Layer {
 public:
  using Layer::Layer;
  size_t read(char* out, size_t room) override {
    std::string_view ahead = input_->rest();
    size_t count = std::min(room, ahead.size());
    if (count > 0) {
      std::memcpy(out, ahead.data(), count);
      input_->consume(count);
      return count;
    }
    count = input_->source().read(out, room);
    if (count == 0) error_ = input_->source().error();
    return count;
  }
};

// Layers from the outermost wrap inwards; each but the first reads the one before.
class Layers : public ByteStream {
 public:
  Layers(ByteStream& source, Budget& budget) {
    ByteStream* from = &source;
    for (int depth = 0; depth <= kMaxLayers; ++depth) {
      auto input = std::make_unique<Input>(*from);
      std::string_view head = input->peek(4);
      bool last = depth == kMaxLayers;
      if (is_gzip(head) && !last) {
        layers_[depth] = std::make_unique<GzipLayer>(std::move(input), budget);
      } else if (is_zstd(head) && !last) {
        layers_[depth] = std::make_unique<ZstdLayer>(std::move(input), budget);
      } else {
        layers_[depth] = std::make_unique<PlainLayer>(std::move(input), budget);
        top_ = layers_[depth].get();
        return;
      }
      from = layers_[depth].get();
    }
  }

  size_t read(char* out, size_t room) override {
    size_t count = top_->read(out, room);
    if (count == 0) error_ = top_->error();
    return count;
  }

 private:
  std::unique_ptr<ByteStream> layers_[kMaxLayers + 1];
  ByteStream* top_ = nullptr;
};

}  // namespace

bool looks_compressed(std::string_view bytes) { return is_gzip(bytes) || is_zstd(bytes); }

std::unique_ptr<ByteStream> decompressed(ByteStream& source, Budget& budget) {
  return std::make_unique<Layers>(source, budget);
}

}  // namespace weir::ingest
