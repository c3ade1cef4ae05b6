/**
 * First word of a child's command line; a person cannot use it, since there is no channel to a supervisor then. The
 * launcher (`bin/rekindle.js`), which loads nothing, has it once more.
 */
export const CHILD_WORD = '__child';
