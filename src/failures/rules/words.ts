import type { WordRule } from '../text/word-rules.ts';
import { BUSINESS_WORDS } from './words-business.ts';
import { CONFIG_WORDS } from './words-config.ts';
import { DATA_WORDS } from './words-data.ts';
import { NETWORK_WORDS } from './words-network.ts';
import { SYSTEM_WORDS } from './words-system.ts';
import { TEMPORARY_WORDS } from './words-temporary.ts';

/** Every rule over words, the heaviest first. */
export const WORD_RULES: readonly WordRule[] = [
  ...SYSTEM_WORDS,
  ...NETWORK_WORDS,
  ...TEMPORARY_WORDS,
  ...DATA_WORDS,
  ...CONFIG_WORDS,
  ...BUSINESS_WORDS,
].sort((a, b) => b.meaning.weight - a.meaning.weight);
