#include "report/wasted_paths.h"

#include <algorithm>
#include <tuple>

namespace fathom::report {

std::vector<WastedPath> WastedPaths(const analyze::Analysis& analysis) {
  const tree::FileTree& tree = analysis.tree;
  std::vector<WastedPath> paths;
  for (const tree::Waste& waste : tree.waste()) {
    const tree::Inode& inode = tree.inodes()[waste.inode];
    if (const uint64_t bytes = tree.size(inode); bytes > 0) {
      paths.push_back({tree.Path(waste.node), bytes, waste.cause, inode.layer, waste.hidden_by});
    }
  }
  std::ranges::stable_sort(paths, [](const WastedPath& a, const WastedPath& b) {
    return a.bytes != b.bytes ? a.bytes > b.bytes
                              : std::tie(a.path, a.stored_in, a.hidden_by) <
                                    std::tie(b.path, b.stored_in, b.hidden_by);
  });
  return paths;
}

}  // namespace fathom::report
