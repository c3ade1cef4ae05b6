import { type WordRule, wordRule } from '../text/word-rules.ts';

/** What was sent or received is wrong in itself. */
export const DATA_WORDS: readonly WordRule[] = [
  wordRule('data', 'malformed', 'format', 77, 'MALFORMED !SECRET !SIGNATURE !DNS | MALFORMED FORMATWORD !SECRET | MALFORMED PARSE | MALFORMED PARCEL'),
  wordRule('data', 'damaged', 'damaged', 77, 'TRUNCATED !CERT !SECRET !CONN | TRUNCATED FORMATWORD !CONN | TRUNCATED FILE'),
  wordRule('data', 'parse', 'format', 72, 'PARSE NOT !DNS !CONN !MODULE | PARSE INVALID !DNS | PARSE FORMATWORD NOT | PARSE FAILED !DNS !CONN !MODULE'),
  wordRule('data', 'constraint', 'constraint', 79, 'CONSTRAINT FAILED | CONSTRAINT NOT | CONSTRAINT ALREADY | CONSTRAINT FIELD | CONSTRAINT INVALID | FIELD EMPTY DBOBJECT'),
  wordRule('data', 'constraint-hint', 'constraint', 55, 'CONSTRAINT'),
  wordRule('data', 'validation', 'format', 70, 'VALIDATION !CERT !SECRET !LOGIN !SIGNATURE !TRUST'),
  wordRule(
    'data',
    'field',
    'format',
    68,
    'FIELD MISSING !SECRET | FIELD INVALID !SECRET !SIGNATURE | FIELD EMPTY !SECRET | FIELD MUSTBE !SECRET | FIELD TYPEWORD NOT | FIELD EXCEED !RATE !CALLS',
  ),
  wordRule('data', 'type', 'format', 66, 'MUSTBE TYPEWORD | TYPEWORD INVALID !SECRET !ACCOUNT | FORMATWORD MUSTBE !CONFIG'),
  wordRule(
    'data',
    'format',
    'format',
    68,
    'FORMATWORD INVALID !SECRET !SIGNATURE !DNS | FORMATWORD NOT KNOWN !NOTFOUND | FORMATWORD UNSUPPORTED | FORMATWORD EXCEED !CALLS !RATE | FORMATWORD EMPTY',
  ),
  wordRule('data', 'format-hint', 'format', 'vague', 'FORMATWORD NOT !SECRET !CONN | FORMATWORD FIELD'),
  wordRule('data', 'number-format', 'format', 76, 'PARCEL FORMATWORD INVALID | PARCEL FORMATWORD NOT | PARCEL MALFORMED | PARCEL TYPEWORD MUSTBE | PARCEL TYPEWORD INVALID'),
  wordRule('data', 'invalid', 'format', 45, 'THING INVALID !SECRET !LOGIN !SERVER | PARCEL INVALID | THING MISSING !SECRET !LOGIN | MUSTBE EMPTY | MISSING EMPTY | EMPTY NOT FIELD'),
  wordRule('data', 'length', 'format', 52, 'TOOLONG !TIMEOUT'),
  wordRule('data', 'must-be', 'format', 42, 'MUSTBE MONEY | MUSTBE PARCEL | MUSTBE THING | MUSTBE ORDER | MUSTBE REGION | MUSTBE FIELD'),
  wordRule('data', 'subject', 'format', 'guess', 'FORMATWORD | PARSE | MUSTBE | FIELD INVALID | FIELD NOT | TYPEWORD NOT'),
];
