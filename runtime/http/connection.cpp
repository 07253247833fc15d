// One connection: head, body, answer, and again. Beast parses; deadlines, limits and how it ends are here.
//
// A deadline ends the operation that is under way, and not the connection, so that even a slow client is told
// why. After an answer to a request that was not read to its end, what still arrives is read and dropped for
// a while: closing at once would reset the connection, and the client would lose the answer.
#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/status.hpp>
#include <chrono>
#include <limits>
#include <optional>
#include <span>
#include <type_traits>

#include "runtime/http/core.h"

namespace weir::http {
namespace {

namespace beast = boost::beast;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr size_t kPiece = Body::kPiece;
constexpr size_t kFirstRead = 4u << 10;
constexpr auto kLinger = std::chrono::seconds(2);

using PlainStream = tcp::socket;
using TlsStream = net::ssl::stream<tcp::socket>;

tcp::socket& socket_of(PlainStream& stream) { return stream; }
tcp::socket& socket_of(TlsStream& stream) { return stream.next_layer(); }

bool is_of_http(const ErrorCode& error) {
  return error.category() == beast::http::make_error_code(beast::http::error::bad_target).category();
}

std::string peer_of(const tcp::socket& socket) {
  ErrorCode error;
  const tcp::endpoint peer = socket.remote_endpoint(error);
  if (error) return "a client that is gone";
  const bool six = peer.address().is_v6();
  return fmt::format("{}{}{}:{}", six ? "[" : "", peer.address().to_string(), six ? "]" : "", peer.port());
}

template <class Stream>
class Connection final : public ConnectionBase, public std::enable_shared_from_this<Connection<Stream>> {
  static constexpr bool kTls = std::is_same_v<Stream, TlsStream>;

 public:
  Connection(Core& core, Stream stream)
      : ConnectionBase(core),
        stream_(std::move(stream)),
        timer_(core.io),
        buffer_(kPiece),
        peer_(peer_of(socket_of(stream_))) {}

  void start() override {
    if constexpr (kTls) {
      arm(limits().header_within);
      stream_.async_handshake(net::ssl::stream_base::server, [self = self()](ErrorCode error) {
        error ? self->close() : self->next_request(true);
      });
    } else {
      next_request(true);
    }
  }

  void answer(uint64_t request, Answer answer) override {
    if (state_ != State::waiting || request != request_) return;
    core_.instruments.answered.observe(std::chrono::duration<double>(Clock::now() - handed_over_).count());
    send(std::move(answer), false);
  }

  void stop() override {
    if (state_ == State::head || state_ == State::body) close();
  }

  void close() override {
    state_ = State::ending;
    disarm();
    ErrorCode error;
    socket_of(stream_).close(error);
  }

 private:
  enum class State : uint8_t { head, body, waiting, writing, ending };

  std::shared_ptr<Connection> self() { return this->shared_from_this(); }
  const Limits& limits() const { return core_.options.limits; }

  // ---- deadlines

  void arm(Clock::duration within) {
    timed_out_ = false;
    timer_.expires_after(within);
    timer_.async_wait([self = self(), turn = ++turn_](ErrorCode cancelled) {
      if (!cancelled && turn == self->turn_) self->too_late();
    });
  }

  void disarm() {
    ++turn_;
    timer_.cancel();
  }

  void too_late() {
    if (state_ == State::waiting) {
      return answer(request_, core_.handler.refusal(head_, 503, "it is not committed yet; send it again"));
    }
    timed_out_ = true;
    ErrorCode error;
    socket_of(stream_).cancel(error);
  }

  // ---- head

  void next_request(bool first) {
    if (core_.stopping) return close();
    state_ = State::head;
    head_ = {};
    body_ = {};
    parser_.emplace();
    parser_->header_limit(static_cast<uint32_t>(limits().header_bytes));
    parser_->body_limit(std::numeric_limits<uint64_t>::max());  // looked at here, because its answer is ours
    if (buffer_.size() > 0) return read_head();
    buffer_.shrink_to_fit();
    arm(first ? limits().header_within : limits().idle);
    stream_.async_read_some(buffer_.prepare(kFirstRead), [self = self()](ErrorCode error, size_t got) {
      self->buffer_.commit(got);
      error ? self->close() : self->read_head();
    });
  }

  void read_head() {
    arm(limits().header_within);
    beast::http::async_read_header(stream_, buffer_, *parser_,
                                   [self = self()](ErrorCode error, size_t) { self->head_read(error); });
  }

  void head_read(ErrorCode error) {
    if (timed_out_) return give_up(408, "the head of the request took too long");
    if (error == beast::http::error::header_limit || error == beast::http::error::buffer_overflow)
      return give_up(431,
                     fmt::format("the head of the request is longer than {} bytes", limits().header_bytes));
    if (error && is_of_http(error) && error != beast::http::error::end_of_stream &&
        error != beast::http::error::partial_message)
      return give_up(400, "this is no HTTP request");
    if (error) return close();
    take_head();
    if (std::optional<Answer> refused = core_.handler.look(head_))
      return send(std::move(*refused), !parser_->is_done());
    look_at_body();
  }

  void take_head() {
    const auto& message = parser_->get();
    auto text = [](auto view) { return std::string(view.data(), view.size()); };
    head_.method = text(message.method_string());
    head_.path = text(message.target());
    head_.path.resize(std::min(head_.path.find('?'), head_.path.size()));
    head_.peer = peer_;
    for (const auto& field : message)
      head_.fields.push_back({text(field.name_string()), text(field.value())});
  }

  // ---- body

  void look_at_body() {
    const auto& message = parser_->get();
    const auto length = parser_->content_length();
    const bool posted = head_.method == "POST" || head_.method == "PUT";
    if (!head_.find("Transfer-Encoding").empty() && !parser_->chunked())
      return give_up(501, "of transfer codings only `chunked` is understood");
    if (posted && !length && !parser_->chunked()) return give_up(411, "the length of the body is missing");
    if (length && *length > limits().body_bytes) return too_long();
    if (length && !core_.room->has_room(*length)) return no_room();
    left_.reset();
    if (length && !parser_->chunked()) left_ = *length;
    body_ = Body(core_.room, left_.value_or(0));
    received_ = 0;
    body_began_ = Clock::now();
    if (parser_->is_done()) return hand_over();
    state_ = State::body;
    if (!left_) buffer_.reserve(kPiece);  // Beast reads no more at once than there is room for
    const std::string_view expected = head_.find("Expect");
    if (expected.empty() || message.version() < 11) return read_body();
    if (!beast::iequals({expected.data(), expected.size()}, "100-continue"))
      return give_up(417, "of expectations only `100-continue` is understood");
    arm(limits().write_within);
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    net::async_write(stream_, net::buffer(kContinue.data(), kContinue.size()),
                     [self = self()](ErrorCode error, size_t) { error ? self->close() : self->read_body(); });
  }

  // Until when the next byte must be there: neither a pause nor a trickle may last.
  Clock::duration patience() const {
    const auto earned = milliseconds(received_ * 1000 / std::max<uint64_t>(limits().body_rate, 1));
    const Clock::duration left = body_began_ + limits().body_grace + earned - Clock::now();
    return std::clamp<Clock::duration>(left, milliseconds(1), limits().body_stall);
  }

  // Where the length is known the body is nothing but so many bytes, and goes where it is to stay; else Beast
  // takes the chunks apart.
  void read_body() { left_ ? read_counted() : read_chunked(); }

  void read_counted() {
    const std::span<char> into = body_.space(*left_);
    if (buffer_.size() > 0) {  // came with the head
      const size_t got = net::buffer_copy(net::buffer(into.data(), into.size()), buffer_.data());
      buffer_.consume(got);
      return took(got);
    }
    arm(patience());
    stream_.async_read_some(net::buffer(into.data(), into.size()),
                            [self = self()](ErrorCode error, size_t got) {
                              if (self->timed_out_) return self->too_slow();
                              error ? self->close() : self->took(got);
                            });
  }

  void read_chunked() {
    const std::span<char> space = body_.space(kPiece);
    auto& into = parser_->get().body();
    into.data = space.data();
    into.size = space.size();
    arm(patience());
    beast::http::async_read_some(
        stream_, buffer_, *parser_,
        [self = self(), size = space.size()](ErrorCode error, size_t) { self->chunk_read(error, size); });
  }

  void chunk_read(ErrorCode error, size_t size) {
    if (timed_out_) return too_slow();
    if (error && error != beast::http::error::need_buffer) {
      if (is_of_http(error) && error != beast::http::error::partial_message)
        return give_up(400, "the body of the request is framed wrongly");
      return close();
    }
    took(size - parser_->get().body().size);
  }

  void took(size_t got) {
    received_ += got;
    if (left_) *left_ -= got;
    core_.instruments.body_bytes.add(got);
    if (received_ > limits().body_bytes) return too_long();
    const Body::Added added = body_.added(got);
    if (added == Body::Added::no_room) return no_room();
    if (added == Body::Added::no_file) {
      core_.say(process::Severity::error,
                fmt::format("{}: no file for the body of a request can be written", limits().bodies.folder));
      return no_room();
    }
    const bool whole = left_ ? *left_ == 0 : parser_->is_done();
    whole ? hand_over() : read_body();
  }

  void too_slow() { give_up(408, "the body of the request comes too slowly"); }

  void too_long() {
    give_up(400, fmt::format("the body is longer than {} bytes; send it in parts", limits().body_bytes));
  }

  void no_room() { give_up(503, "there is no room for the body now; send it again"); }

  void hand_over() {
    state_ = State::waiting;
    handed_over_ = Clock::now();
    core_.instruments.held.set(static_cast<double>(core_.room->held()));
    if (const uint64_t spilled = core_.room->spilled(); spilled > core_.told_spilled) {
      core_.instruments.spilled.add(spilled - core_.told_spilled);
      core_.told_spilled = spilled;
    }
    arm(limits().answer_within);
    ++request_;
    core_.handler.take(head_, std::move(body_),
                       Exchange(this->weak_from_this(), core_.shared_from_this(), request_));
  }

  // ---- answer

  // What follows of the request is not read.
  void give_up(unsigned status, std::string_view sentence) {
    send(core_.handler.refusal(head_, status, sentence), true);
  }

  void send(Answer answer, bool unread) {
    state_ = State::writing;
    body_ = {};
    core_.instruments.count(answer.status);
    core_.instruments.held.set(static_cast<double>(core_.room->held()));
    const bool keep = !unread && !core_.stopping && parser_->is_header_done() && parser_->get().keep_alive();
    written_ = fmt::format("HTTP/1.1 {} ", answer.status);
    const auto reason = beast::http::obsolete_reason(static_cast<beast::http::status>(answer.status));
    written_.append(reason.data(), reason.size());
    written_ += fmt::format("\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: {}\r\n", answer.type,
                            answer.body.size(), keep ? "keep-alive" : "close");
    for (const Field& field : answer.fields) written_ += fmt::format("{}: {}\r\n", field.name, field.value);
    written_ += "\r\n";
    if (head_.method != "HEAD") written_ += answer.body;
    arm(limits().write_within);
    net::async_write(stream_, net::buffer(written_), [self = self(), keep, unread](ErrorCode error, size_t) {
      self->written_.clear();
      if (error) {
        self->close();
      } else if (keep) {
        self->next_request(false);
      } else {
        self->end(unread);
      }
    });
  }

  // ---- end

  void end(bool unread) {
    state_ = State::ending;
    arm(kLinger);
    if constexpr (kTls) {
      if (!unread) return stream_.async_shutdown([self = self()](ErrorCode) { self->close(); });
    } else {
      ErrorCode error;
      stream_.shutdown(tcp::socket::shutdown_send, error);
    }
    buffer_.clear();
    drop();
  }

  void drop() {
    stream_.async_read_some(buffer_.prepare(kPiece), [self = self()](ErrorCode error, size_t) {
      error || self->timed_out_ ? self->close() : self->drop();
    });
  }

  Stream stream_;
  net::steady_timer timer_;
  uint64_t turn_ = 0;
  bool timed_out_ = false;

  State state_ = State::head;
  beast::flat_buffer buffer_;
  std::optional<beast::http::request_parser<beast::http::buffer_body>> parser_;
  std::string peer_;
  Head head_;
  Body body_;
  std::optional<uint64_t> left_;  // of the body, when its length is known
  uint64_t received_ = 0;
  Clock::time_point body_began_, handed_over_;
  uint64_t request_ = 0;
  std::string written_;
};

}  // namespace

std::shared_ptr<ConnectionBase> connect(Core& core, tcp::socket socket, std::shared_ptr<TlsContext> tls) {
  if (tls) return std::make_shared<Connection<TlsStream>>(core, TlsStream(std::move(socket), *tls));
  return std::make_shared<Connection<PlainStream>>(core, std::move(socket));
}

}  // namespace weir::http
