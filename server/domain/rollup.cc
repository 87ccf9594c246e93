#include "domain/rollup.h"

namespace marac::domain {
namespace {

// The higher one decides. A question that may still be put comes before what is not known, so that an item is
// not closed while a part of it is open.
int Weight(v1::AnswerCode code) {
  switch (code) {
    case v1::ANSWER_CODE_NOT_APPLICABLE:
      return 0;
    case v1::ANSWER_CODE_NO:
      return 1;
    case v1::ANSWER_CODE_DECLINED:
      return 2;
    case v1::ANSWER_CODE_DONT_KNOW:
      return 3;
    case v1::ANSWER_CODE_YES:
      return 5;
    default:
      return 4;
  }
}

}  // namespace

v1::AnswerCode RollUp(std::span<const v1::AnswerCode> probes) {
  v1::AnswerCode decides = v1::ANSWER_CODE_NOT_APPLICABLE;
  for (v1::AnswerCode code : probes) {
    if (Weight(code) > Weight(decides)) decides = code;
  }
  return Weight(decides) == Weight(v1::ANSWER_CODE_NOT_ASKED) ? v1::ANSWER_CODE_NOT_ASKED : decides;
}

}  // namespace marac::domain
