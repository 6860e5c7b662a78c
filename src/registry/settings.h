// How registries are asked.
#pragma once

#include <chrono>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "base/limits.h"

namespace fathom::registry {

// A value; names of registries are those of ParseRegistry(), hosts are without ports.
struct Settings {
  std::vector<std::string> insecure;  // may speak plain HTTP, or show any certificate
  std::map<std::string, std::vector<std::string>> mirrors;  // asked before the registry itself
  std::vector<std::string>
      trusted_hosts;                   // may be sent credentials, or redirected to, all the same
  std::string ca_file;                 // PEM; "": whom the system trusts
  unsigned at_once = 16;               // requests to one host
  double per_second = 0;               // requests to one host; 0: as fast as it answers
  unsigned attempts = 5;               // of one request
  std::chrono::seconds patience{120};  // the longest wait that a registry may ask for
  uint64_t quota_reserve = 0;          // pulls that are left for others
  bool foreign = false;                // fetch layers that lie elsewhere from where they say
  std::chrono::seconds answer_within{60};
  std::chrono::seconds stall{60};
  Limits limits = {};
  std::stop_token stop = {};  // ends every wait with kCancelled
};

}  // namespace fathom::registry
