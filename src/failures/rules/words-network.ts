import { type WordRule, wordRule } from '../text/word-rules.ts';

/** The connection or its read failed. */
export const NETWORK_WORDS: readonly WordRule[] = [
  wordRule('network', 'refused', 'connection', 76, 'CONN REFUSED !SECRET !LOGIN | NET REFUSED CONN'),
  wordRule(
    'network',
    'broken',
    'connection',
    'precise',
    'CONN BROKEN !CERT !SECRET !FORMATWORD | CONN BROKEN NET !CERT !SECRET !LOGIN | DOWNLOADNET | READ BROKEN CONN | NET BROKEN !CONTENT !ACCOUNT !PLAN !SERVER !CERT !LOGIN !SECRET',
  ),
  wordRule(
    'network',
    'server-broken',
    'connection',
    60,
    'NET BROKEN SERVER !CONTENT !ACCOUNT !PLAN !CERT !SECRET !LOGIN !UNAVAILABLE !MAINT !BUSY !LOCK !STARTING | CONN FAILED !CERT !LOGIN !SECRET !CONFIG',
  ),
  wordRule(
    'network',
    'timeout',
    'timeout',
    74,
    'CONN TIMEOUT !LOCK !MUSTBE | NET TIMEOUT !MUSTBE !FIELD !LOCK !UNAVAILABLE !STATEMENT | READ TIMEOUT !LOCK !MUSTBE',
  ),
  wordRule('network', 'timeout-hint', 'timeout', 50, 'TIMEOUT !TYPEWORD !FIELD'),
  wordRule('network', 'dns', 'dns', 77, 'DNS NOT | DNS NOTFOUND | DNS TIMEOUT | DNS FAILED | DNS INVALID'),
  wordRule('network', 'topic', 'connection', 10, 'BROKEN !FAILED !VAGUE_ERROR | DNS | CONN !FAILED'),
  wordRule('network', 'subject', 'connection', 'guess', 'CONN NOT | CONN FAILED | DNS FAILED | NET BROKEN'),
];
