// libcurl's functions, found when something is first sent. Linked in, it and the 25 libraries behind it would
// cost every start of `weir` some 7 ms, also where nothing is ever sent: a check, a scan.
#pragma once

#include <curl/curl.h>

namespace weir::deliver {

// What this program calls of libcurl, each without its prefix `curl_`.
#define WEIR_CURL_FUNCTIONS(X) \
  X(easy_cleanup)              \
  X(easy_getinfo)              \
  X(easy_init)                 \
  X(easy_perform)              \
  X(easy_reset)                \
  X(easy_setopt)               \
  X(easy_strerror)             \
  X(free)                      \
  X(getdate)                   \
  X(global_init)               \
  X(slist_append)              \
  X(slist_free_all)            \
  X(strnequal)                 \
  X(url)                       \
  X(url_cleanup)               \
  X(url_get)                   \
  X(url_set)

struct CurlLibrary {
#define X(name) decltype(&::curl_##name) name = nullptr;
  WEIR_CURL_FUNCTIONS(X)
#undef X
};

// Loaded and started once a process and never undone: other threads may be sending. Null when this machine
// has no libcurl or one that lacks a function; from any thread.
const CurlLibrary* curl_library();

}  // namespace weir::deliver
