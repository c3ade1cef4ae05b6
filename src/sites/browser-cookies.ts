/** Cookies: a browser's, and tough-cookie's JSON, which a login's state holds. */
import type { BrowserContext } from 'playwright-core';
import { Cookie as JarCookie } from 'tough-cookie';
import type { JsonObject } from '../domain/json.ts';

type BrowserCookie = Awaited<ReturnType<BrowserContext['cookies']>>[number];

export function jarCookie(cookie: BrowserCookie): JsonObject {
  const { name, value, domain, path, expires, httpOnly, secure, sameSite } = cookie;
  return new JarCookie({
    key: name,
    value,
    domain: domain.replace(/^\./, ''),
    hostOnly: !domain.startsWith('.'),
    path,
    httpOnly,
    secure,
    sameSite: sameSite.toLowerCase(),
    ...(expires > 0 ? { expires: new Date(expires * 1000) } : {}),
  }).toJSON() as unknown as JsonObject;
}

export function browserCookie(json: JsonObject): BrowserCookie[] {
  const cookie = JarCookie.fromJSON(json);
  if (!cookie?.domain) return [];
  const { key, value, domain, hostOnly, path, httpOnly, secure, sameSite, expires } = cookie;
  const same = { strict: 'Strict', lax: 'Lax', none: 'None' } as const;
  return [
    {
      name: key,
      value,
      domain: hostOnly ? domain : `.${domain}`,
      path: path ?? '/',
      httpOnly,
      secure,
      sameSite: same[(sameSite ?? 'lax') as keyof typeof same] ?? 'Lax',
      expires: expires instanceof Date ? expires.getTime() / 1000 : -1,
    },
  ];
}
