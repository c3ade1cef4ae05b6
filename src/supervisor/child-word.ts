/** First word of a child's command line; a person cannot use it, since there is no channel to a supervisor then. */
export const CHILD_WORD = '__child';
