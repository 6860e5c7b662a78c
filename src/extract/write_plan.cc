#include "extract/write_plan.h"

#include "extract/directory_target.h"
#include "extract/stream_target.h"

namespace fathom::extract {

Result<Losses> WritePlan(const Plan& plan, const tree::FileTree& tree, image::ImageSource& source,
                         const image::Image& image, const Limits& limits, const Output& output) {
  if (output.is_tar()) {
    TRY_ASSIGN(const auto out, OutputFile::Open(output.place, output.overwrite));
    TarTarget target(tree, *out);
    TRY(Extract(plan, tree, source, image, limits, target));
    TRY(out->Commit());
    return target.losses();
  }
  TRY_ASSIGN(const auto target, DirectoryTarget::Open(tree, output.place,
                                                      {.overwrite = output.overwrite,
                                                       .keep_owner = output.keep_owner}));
  TRY(Extract(plan, tree, source, image, limits, *target));
  return target->losses();
}

}  // namespace fathom::extract
