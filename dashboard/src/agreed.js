/** Whether a figure keeps to what was agreed, as the machine's `info` has it from indicators.toml. Pure. */

import { percent } from "./format.js";

/**
 * Of `of` events `bad` were: {isMissed, words}. A machine that says nothing of it (an older one) has agreed to none.
 * `words` name what may be bad.
 */
export function budget(machine, what, bad, of) {
  const target = machine?.info?.agreed?.[what];
  if (!Number.isFinite(target)) return { isMissed: bad > 0, words: "" };
  return { isMissed: of > 0 && bad > (1 - target) * of, words: `at most ${percent(1 - target)} agreed` };
}
