import { createHash, createHmac } from 'node:crypto';

/**
 * The address of a chat robot with the signature that DingTalk documents: `timestamp` in ms and
 * `sign` = base64(HMAC-SHA256(secret, timestamp + "\n" + secret)), both in the query.
 */
export function signedRobotUrl(url: URL, secret: string, nowMs: number): URL {
  const sign = createHmac('sha256', secret).update(`${nowMs}\n${secret}`).digest('base64');
  const signed = new URL(url);
  signed.searchParams.set('timestamp', String(nowMs));
  signed.searchParams.set('sign', sign);
  return signed;
}

/** The headers of Standard Webhooks (https://www.standardwebhooks.com) for a body. @param id the same for every try. */
export function webhookHeaders(
  id: string,
  body: string,
  secret: string,
  nowMs: number,
): Record<string, string> {
  const timestamp = String(Math.floor(nowMs / 1000));
  const sign = createHmac('sha256', webhookKey(secret)).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${sign}` };
}

/** `whsec_…` is base64, as the standard writes secrets; any other text is the key itself. */
function webhookKey(secret: string): Buffer {
  if (secret.startsWith('whsec_')) return Buffer.from(secret.slice('whsec_'.length), 'base64');
  return Buffer.from(secret);
}

/** A message's ID in letters and digits, for headers that take no others. */
export function plainId(id: string): string {
  return createHash('sha256').update(id).digest('hex').slice(0, 32);
}
