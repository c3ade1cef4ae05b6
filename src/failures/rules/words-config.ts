import { type WordRule, wordRule } from '../text/word-rules.ts';

/** Credentials, rights, certificates, settings and missing parts: an administrator has to change something. */
export const CONFIG_WORDS: readonly WordRule[] = [
  wordRule(
    'config',
    'credentials',
    'credentials',
    'precise',
    'SECRET INVALID !MALFORMED | SECRET EXPIRED | SECRET MISSING !MALFORMED | SECRET NOT !MALFORMED !PARSE | SECRET GONE | SECRET EMPTY | SECRET NOTFOUND | SECRET DENIED | SECRET SUSPENDED',
  ),
  wordRule(
    'config',
    'login',
    'credentials',
    'precise',
    'LOGIN INVALID | LOGIN NOT | LOGIN MISSING | LOGIN EXPIRED | LOGIN FAILED | LOGIN DENIED | LOGIN LATER !BUSY',
  ),
  wordRule('config', 'login-hint', 'credentials', 50, 'LOGIN ACCOUNT | LOGIN CONTENT'),
  wordRule('config', 'signature', 'credentials', 77, 'SIGNATURE INVALID !TRUNCATED | SIGNATURE NOT !TRUNCATED | SIGNATURE EXPIRED | SIGNATURE FAILED !TRUNCATED | SIGNATURE MISSING | SIGNATURE DENIED'),
  wordRule('config', 'key', 'credentials', 'fitting', 'KEY INVALID !CONSTRAINT | KEY EXPIRED | KEY GONE | KEY DENIED | KEY CALLS NOT | KEY SUSPENDED'),
  wordRule(
    'config',
    'rights',
    'remote-rights',
    'precise',
    'RIGHTS SHORT | RIGHTS NOT !PATH | RIGHTS INVALID | RIGHTS DENIED !PATH | RIGHTS MISSING | RIGHTS EXCEED !RATE | DBOBJECT LOCALDENIED !PATH | SECRET LOCALDENIED | DBOBJECT DENIED',
  ),
  wordRule(
    'config',
    'remote-denied',
    'remote-rights',
    'fitting',
    'DENIED LOGIN | DENIED SERVER !PATH !CONN | DENIED CALLS | DENIED ACCOUNT !PATH | DENIED KEY | DENIED THING !PATH !FILE',
  ),
  wordRule('config', 'denied', 'remote-rights', 'vague', 'DENIED !PATH'),
  wordRule('config', 'ip', 'remote-rights', 70, 'IPLIST NOT RIGHTS | IPLIST RIGHTS | IPLIST DENIED'),
  wordRule(
    'config',
    'certificate',
    'certificate',
    78,
    'CERT INVALID | CERT EXPIRED | CERT NOT | CERT TRUST | TRUST !FORMATWORD | CERT FAILED | CERT MISSING',
  ),
  wordRule('config', 'environment', 'settings', 78, 'ENV MISSING | ENV NOT | ENV EMPTY | ENV INVALID | ENV NOTFOUND'),
  wordRule(
    'config',
    'settings',
    'settings',
    70,
    'CONFIG MISSING !PARCEL | CONFIG INVALID !COURIER | CONFIG VALIDATION | CONFIG NOTFOUND | CONFIG EMPTY | CONFIG MALFORMED',
  ),
  wordRule('config', 'settings-hint', 'settings', 52, 'CONFIG NOT !CONN !COURIER | CONFIG FAILED !CONN | CONFIG UNSUPPORTED'),
  wordRule('config', 'missing-module', 'missing-part', 79, 'NOMODULE | MODULE NOTFOUND FAILED | MODULE MISSING'),
  wordRule('config', 'module', 'missing-part', 'fitting', 'MODULE NOTFOUND | MODULE NOT KNOWN | MODULE NOT EXIST'),
  wordRule('config', 'unknown-object', 'missing-part', 76, 'UNKNOWNOBJ DBOBJECT'),
  wordRule('config', 'sql', 'missing-part', 79, 'SQLSYNTAX'),
];
