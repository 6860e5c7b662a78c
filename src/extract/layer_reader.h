// Reads chosen files of one layer again.
#pragma once

#include <memory>
#include <span>

#include "base/io.h"
#include "extract/plan.h"
#include "extract/target.h"

namespace fathom::extract {

// Writes the content of each of `wants`, which are in the order of the layer's entries, to
// `target`, and verifies it against `index`. `blob` is the layer as stored; where it is not
// compressed and can seek, contents that are not wanted are passed over unread.
// Errors: the target's; kCorrupt when the blob is not what the index was made of.
Status ReadLayer(std::unique_ptr<ByteSource> blob, const layer::LayerIndex& index,
                 std::span<const Want> wants, const Plan& plan, const Limits& limits,
                 Target& target);

}  // namespace fathom::extract
