// fathom-limit: the floor that fathom's time is divided by.
//
// It does the work that no verifying reader of image layers can avoid and nothing else: inflate a
// layer, SHA-256 of both sides, walk the tar, XXH3-128 of every file. It shares no code with src/,
// keeps no names, makes no index and trusts its input; its only duty is to be fast.
//
//   fathom-limit gzip-layer FILE      inflate on one thread, all hashing and the walk on another
//   fathom-limit gzip-layer-1 FILE    the same on one thread
//   fathom-limit zstd-layer FILE      as gzip-layer, for zstd; zstd-layer-1 on one thread
//   fathom-limit hash [--threads N] FILE...
//                                     SHA-256 of each file, largest first; two threads by default
//   fathom-limit image-bound FILE...  the bound of an image of gzip or zstd layers on two cores:
//                                     the more of (CPU of all layers, one thread each) / 2 and the
//                                     time of the longest layer on two threads
//   fathom-limit time REPORT COMMAND...
//                                     runs COMMAND and writes its cost to the file REPORT. For the
//                                     benchmarks' runner: Linux counts the memory of the process
//                                     that starts a program as the program's own, and this one is
//                                     much smaller than a Python
//
// FILE may be FILE@OFFSET+SIZE, a stretch of a file, so that a layer inside an archive is measured
// in place. Each run prints one line of JSON. It carries the digests, so that anyone can check that
// the work was done.

#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "limit_decode.h"
#include "limit_work.h"

namespace {

using fathom_limit::Consumer;
using fathom_limit::Die;
using fathom_limit::Ring;
using fathom_limit::Sha256;
using fathom_limit::Source;
using Decoder = void (*)(Source&, Ring&);

// What one run did and what it cost.
struct Report {
  double seconds = 0;
  double cpu_seconds = 0;
  uint64_t bytes_in = 0;
  uint64_t bytes_out = 0;
  uint64_t entries = 0;
  std::string extra;  // further JSON members, each with a leading comma
};

double CpuSeconds(const rusage& usage) {
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

rusage Usage() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return usage;
}

// Runs `work`, which fills the counts, and adds its wall and CPU time.
Report Measure(const std::function<void(Report&)>& work) {
  Report report;
  const double cpu = CpuSeconds(Usage());
  const auto start = std::chrono::steady_clock::now();
  work(report);
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  report.cpu_seconds = CpuSeconds(Usage()) - cpu;
  return report;
}

Report RunLayer(const std::string& spec, Decoder decode, bool threaded) {
  return Measure([&](Report& report) {
    Source source(spec);
    Consumer consumer;
    Ring ring(consumer, threaded);
    decode(source, ring);
    ring.Finish();
    report.bytes_in = consumer.bytes_in;
    report.bytes_out = consumer.bytes_out;
    report.entries = consumer.walk.entries();
    report.extra = ",\"digest\":\"" + consumer.blob.Hex() + "\",\"diff_id\":\"" +
                   consumer.diff.Hex() + "\",\"fold\":" + std::to_string(consumer.walk.fold());
  });
}

Report RunHash(const std::vector<std::string>& specs, unsigned threads) {
  return Measure([&](Report& report) {
    struct Job {
      std::unique_ptr<Source> source;
      std::string digest;
    };
    std::vector<Job> jobs;
    for (const std::string& spec : specs) {
      jobs.push_back({std::make_unique<Source>(spec), ""});
    }
    std::vector<Job*> order;
    for (Job& job : jobs) {
      order.push_back(&job);
    }
    std::ranges::stable_sort(
        order, [](const Job* a, const Job* b) { return a->source->size() > b->source->size(); });
    std::atomic<size_t> next = 0;
    const auto work = [&] {
      std::vector<uint8_t> buffer(fathom_limit::kOutputSize);
      for (size_t i = next++; i < order.size(); i = next++) {
        Sha256 hash;
        Source& source = *order[i]->source;
        while (const size_t got = source.Read(buffer.data(), buffer.size())) {
          hash.Update(buffer.data(), got);
        }
        order[i]->digest = hash.Hex();
      }
    };
    std::vector<std::thread> others;
    for (unsigned i = 1; i < threads; ++i) {
      others.emplace_back(work);
    }
    work();
    for (std::thread& other : others) {
      other.join();
    }
    report.extra = ",\"threads\":" + std::to_string(threads) + ",\"digests\":[";
    for (const Job& job : jobs) {
      report.bytes_in += job.source->size();
      report.extra += (report.extra.back() == '[' ? "\"" : ",\"") + job.digest + "\"";
    }
    report.extra += "]";
    report.bytes_out = report.bytes_in;
    report.entries = jobs.size();
  });
}

Decoder DecoderFor(const std::string& spec) {
  Source source(spec);
  uint8_t magic[2] = {};
  source.Read(magic, sizeof magic);
  if (magic[0] == 0x1f && magic[1] == 0x8b) {
    return fathom_limit::DecodeGzip;
  }
  if (magic[0] == 0x28 && magic[1] == 0xb5) {
    return fathom_limit::DecodeZstd;
  }
  Die(spec + ": neither gzip nor zstd");
}

Report RunImageBound(const std::vector<std::string>& specs) {
  Report bound;
  double longest = 0;
  const std::string* longest_spec = nullptr;
  for (const std::string& spec : specs) {
    const Report layer = RunLayer(spec, DecoderFor(spec), false);
    bound.cpu_seconds += layer.cpu_seconds;
    bound.bytes_in += layer.bytes_in;
    bound.bytes_out += layer.bytes_out;
    bound.entries += layer.entries;
    if (longest_spec == nullptr || layer.cpu_seconds > longest) {
      longest = layer.cpu_seconds;
      longest_spec = &spec;
    }
  }
  const double two_threads = RunLayer(*longest_spec, DecoderFor(*longest_spec), true).seconds;
  bound.seconds = std::max(bound.cpu_seconds / 2, two_threads);
  bound.extra = ",\"longest_layer_seconds\":" + std::to_string(two_threads);
  return bound;
}

void Print(const std::string& mode, const Report& report) {
  std::printf(
      "{\"mode\":\"%s\",\"seconds\":%.6f,\"cpu_seconds\":%.6f,\"bytes_in\":%llu,\"bytes_out\":%llu,"
      "\"entries\":%llu,\"peak_rss_kb\":%ld%s}\n",
      mode.c_str(), report.seconds, report.cpu_seconds,
      static_cast<unsigned long long>(report.bytes_in),
      static_cast<unsigned long long>(report.bytes_out),
      static_cast<unsigned long long>(report.entries), Usage().ru_maxrss, report.extra.c_str());
}

int RunTimed(const char* report_path, char** command) {
  const auto start = std::chrono::steady_clock::now();
  pid_t child = 0;
  if (const int error = posix_spawnp(&child, command[0], nullptr, nullptr, command, environ)) {
    Die(std::string(command[0]) + ": " + std::strerror(error));
  }
  int status = 0;
  rusage usage = {};
  if (wait4(child, &status, 0, &usage) != child) {
    Die("wait4 failed");
  }
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
  std::FILE* const out = std::fopen(report_path, "w");
  if (out == nullptr) {
    Die(std::string(report_path) + ": cannot be written");
  }
  std::fprintf(out,
               "{\"seconds\":%.6f,\"cpu_seconds\":%.6f,\"peak_rss_kb\":%ld,\"exit_code\":%d}\n",
               wall.count(), CpuSeconds(usage), usage.ru_maxrss,
               WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status));
  std::fclose(out);
  return 0;
}

[[noreturn]] void DieOfUsage() {
  Die("usage: fathom-limit gzip-layer|gzip-layer-1|zstd-layer|zstd-layer-1 FILE[@OFFSET+SIZE]\n"
      "       fathom-limit hash [--threads N] FILE[@OFFSET+SIZE]...\n"
      "       fathom-limit image-bound FILE[@OFFSET+SIZE]...\n"
      "       fathom-limit time REPORT COMMAND...");
}

Report Run(std::string_view mode, const std::vector<std::string>& files, unsigned threads) {
  if (mode == "hash") {
    return RunHash(files, threads);
  }
  if (mode == "image-bound") {
    return RunImageBound(files);
  }
  if (files.size() != 1) {
    DieOfUsage();
  }
  const bool threaded = !mode.ends_with("-1");
  if (mode.starts_with("gzip-layer")) {
    return RunLayer(files[0], fathom_limit::DecodeGzip, threaded);
  }
  if (mode.starts_with("zstd-layer")) {
    return RunLayer(files[0], fathom_limit::DecodeZstd, threaded);
  }
  DieOfUsage();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 3 && std::string_view(argv[1]) == "time") {
    return RunTimed(argv[2], argv + 3);
  }
  unsigned threads = 2;
  std::vector<std::string> files;
  for (int i = 2; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--threads" && i + 1 < argc) {
      threads = static_cast<unsigned>(std::max(1, std::atoi(argv[++i])));
    } else {
      files.emplace_back(argv[i]);
    }
  }
  if (files.empty()) {
    DieOfUsage();
  }
  Print(argv[1], Run(argv[1], files, threads));
  return 0;
}
