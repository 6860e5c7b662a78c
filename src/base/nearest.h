// The word that a misspelt one was meant to be, for messages.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace fathom {

// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other;
// case does not count. (Optimal string alignment distance.)
size_t SpellingDistance(std::string_view a, std::string_view b);

// The known word that is nearest to `word`, "" when none is near: more than a third of the longer
// one's letters differ. Of several, the first.
std::string_view NearestWord(std::string_view word, std::span<const std::string_view> known);

// " (did you mean 'X'?)", or "" when no known word is near.
std::string DidYouMean(std::string_view word, std::span<const std::string_view> known);

}  // namespace fathom
