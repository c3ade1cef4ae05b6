import { type WordRule, wordRule } from '../text/word-rules.ts';

/** The other side says "not now". */
export const TEMPORARY_WORDS: readonly WordRule[] = [
  wordRule('temporary', 'rate', 'rate', 'precise', 'RATE CALLS | RATE EXCEED | RATE LATER | RATE NOT'),
  wordRule(
    'temporary',
    'rate-hint',
    'rate',
    62,
    'RATE !CONFIG | CALLS EXCEED LATER | CALLS EXCEED !PLAN !QUOTA !FORMATWORD !FIELD !CONN !TYPEWORD',
  ),
  wordRule('temporary', 'busy', 'busy', 'precise', 'BUSY SERVER | BUSY LATER | BUSY NOW | MAINT'),
  wordRule('temporary', 'maintenance', 'busy', 78, 'MAINT LATER'),
  wordRule('temporary', 'starting', 'busy', 78, 'STARTING SERVER | STARTING DBOBJECT | STARTING TIMEOUT'),
  wordRule('temporary', 'serialize', 'lock', 80, 'SERIALIZE'),
  wordRule('temporary', 'lock-hint', 'lock', 25, 'LOCK !ACCOUNT !SUSPENDED !CONTENT !SECRET !LOCALDENIED'),
  wordRule('temporary', 'busy-hint', 'busy', 55, 'BUSY | STARTING'),
  wordRule(
    'temporary',
    'unavailable',
    'busy',
    70,
    'SERVER UNAVAILABLE | UNAVAILABLE NOW !CONTENT !PARCEL !PATH | UNAVAILABLE LATER',
  ),
  wordRule('temporary', 'too-many-connections', 'busy', 79, 'TOOMANYCONN'),
  wordRule(
    'temporary',
    'lock',
    'lock',
    78,
    'LOCK STATEMENT !SUSPENDED !LOCALDENIED | LOCK STATEMENT !ACCOUNT !LOCALDENIED | LOCK TIMEOUT | LOCK LATER !ACCOUNT | LOCK SERVER !ACCOUNT !SECRET',
  ),
  wordRule(
    'temporary',
    'statement-timeout',
    'lock',
    76,
    'STATEMENT TIMEOUT !CONN !NET !FILE | STATEMENT TIMEOUT DBOBJECT !CONN',
  ),
  wordRule('temporary', 'later', 'busy', 'vague', 'LATER SERVER | LATER NOW | LATER !UNKNOWN_WORD'),
  wordRule('temporary', 'for-now', 'busy', 79, 'TEMPUNAVAILABLE !RESOURCE !CONTENT'),
  wordRule(
    'temporary',
    'now',
    'busy',
    45,
    'NOW NOT SERVER !CONTENT !PLAN !REGION | NOW FAILED SERVER !CONTENT',
  ),
  // The documented example; a message that names the cause (refused, timeout) is told by that instead.
  wordRule('temporary', 'database', 'busy', 72, 'DBDOWN'),
];
