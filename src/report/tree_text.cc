#include "report/tree_text.h"

#include "base/text.h"

namespace fathom::report {

std::string Permissions(const layer::Entry* entry, char type) {
  if (entry == nullptr) {
    return "----------";
  }
  std::string text(1, type);
  for (int shift = 6; shift >= 0; shift -= 3) {
    const int bits = entry->mode >> shift;
    text += (bits & 4) != 0 ? 'r' : '-';
    text += (bits & 2) != 0 ? 'w' : '-';
    text += (bits & 1) != 0 ? 'x' : '-';
  }
  const auto special = [&](int bit, size_t place, char letter) {
    if ((entry->mode & bit) != 0) {
      text[place] = text[place] == 'x' ? letter : static_cast<char>(letter - 'a' + 'A');
    }
  };
  special(04000, 3, 's');
  special(02000, 6, 's');
  special(01000, 9, 't');
  return text;
}

std::string NameAndTarget(const tree::FileTree& tree, tree::NodeId node,
                          const tree::Version& version) {
  std::string text = Printable(tree.name(node));
  const layer::Entry* own = tree.OwnEntry(version);
  if (own != nullptr &&
      (own->type == layer::EntryType::kSymlink || own->type == layer::EntryType::kHardLink)) {
    text += " → " + Printable(tree.LinkTarget(version));
  }
  return text;
}

}  // namespace fathom::report
