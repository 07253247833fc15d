// What `weir run` is made of, by its configuration: sources, sinks, pages.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "cli/config/config.h"
#include "runtime/commit/pipeline.h"
#include "runtime/ingest/http/http_source.h"
#include "runtime/process/metrics.h"
#include "runtime/process/notice.h"
#include "runtime/serve/serve.h"
#include "runtime/store/store.h"

namespace weir::cli {

// What the parts of a running process need of each other.
struct Around {
  bool once = false;
  process::Notify log;
  process::Metrics metrics;
  std::atomic<commit::Pipeline*> pipeline{nullptr};
  std::vector<ingest::HttpSource*> listeners;  // the pipeline's
  std::function<std::string()> rules;          // which run, a sentence; empty: they do not change
  std::vector<std::string> paths;              // of sources
  std::atomic<bool> unread{false};             // something of a source could not be read; its sentence is in the log
};

// None, and a sentence in `problem`.
std::vector<commit::FeedSource> sources_of(const config::Config& config, const match::Program& program, Around& around,
                                           std::string& problem);
std::vector<deliver::NamedSink> sinks_of(const config::Config& config);
commit::PipelineOptions pipeline_options(const config::Config& config, Around& around);

// Null when none are wanted, or with a sentence in `problem`. Goes before the pipeline and the store do.
std::unique_ptr<serve::Serve> pages(const config::Config& config, store::Store& store, Around& around,
                                    std::string& problem);
// Whether the loop that commits turned lately.
bool is_alive(const commit::Health& health);

}  // namespace weir::cli
