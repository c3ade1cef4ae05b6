import { type WordRule, wordRule } from '../text/word-rules.ts';

/** This machine: its disk, memory, files, processes and local permissions. */
export const SYSTEM_WORDS: readonly WordRule[] = [
  wordRule(
    'system',
    'disk',
    'disk',
    79,
    'NOSPACE DISK | NOSPACE FILE | NOSPACE PATH | DISK SHORT | NOSPACE DBOBJECT | DISK QUOTA EXCEED',
  ),
  wordRule('system', 'disk-hint', 'disk', 56, 'NOSPACE !BUSY !STARTING !PLAN !CALLS'),
  wordRule('system', 'memory', 'memory', 79, 'OOM | MEMORY SHORT | MEMORY EXCEED'),
  wordRule('system', 'memory-hint', 'memory', 50, 'MEMORY FAILED !CONN'),
  wordRule('system', 'open-files', 'files', 79, 'OPENFILES'),
  wordRule('system', 'resource', 'process', 79, 'RESOURCE'),
  wordRule(
    'system',
    'local-denied',
    'local-rights',
    76,
    'LOCALDENIED PATH !SECRET | LOCALDENIED FILE !SECRET !DBOBJECT',
  ),
  wordRule('system', 'denied', 'local-rights', 48, 'LOCALDENIED !SECRET !LOGIN !DBOBJECT'),
  wordRule('system', 'killed', 'process', 70, 'PROCESS KILLED !CONN !ACCOUNT | KILLED MODULE !CONN !ACCOUNT'),
  wordRule('system', 'crash', 'process', 'precise', 'CRASH'),
  wordRule('system', 'file', 'files', 60, 'FILEFAILED !CONTENT'),
  wordRule(
    'system',
    'no-file',
    'files',
    60,
    'PATH FILE NOTFOUND !CONFIG !MODULE !CALLS | FILE NOTFOUND !CONTENT !ACCOUNT !THING !CALLS',
  ),
  wordRule(
    'system',
    'subject',
    'process',
    'guess',
    'DISK FAILED | MEMORY | KILLED !CONN !CALLS !NET !SERVER | FILE PATH NOT | FILE FAILED !CONTENT !FORMATWORD !PARSE !THING',
  ),
  wordRule('system', 'disk-exceeded', 'disk', 58, 'DISK EXCEED !QUOTA !ACCOUNT !PLAN'),
];
