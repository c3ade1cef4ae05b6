/** What every channel keeps to, whatever it talks to. */
import { describe, expect, test } from 'vitest';
import { isPermanent, type NotificationMessage, retryAfterOf } from '../../src/notify/channel.ts';
import { messageOf } from '../../src/notify/message.ts';
import { BENCHES, HTTP_CHANNELS, NETWORK_CHANNELS, SECRETS } from './support/benches.ts';
import { AWKWARD, digestOf, failureNotification } from './support/digests.ts';

const signal = new AbortController().signal;
const message = messageOf(digestOf(failureNotification('1')), 'users', 'zh-CN');

async function failureOf(delivery: Promise<void>): Promise<Error> {
  return delivery.then(
    () => {
      throw new Error('it was delivered');
    },
    (error: Error) => error,
  );
}

/** Everything that a log would show of an error. */
function shown(error: unknown): string {
  const { message: words, stack, cause } = error as Error;
  return `${words}\n${stack}\n${JSON.stringify(error)}\n${cause === undefined ? '' : shown(cause)}`;
}

function longMessage(): NotificationMessage {
  const taskIds = Array.from({ length: 20 }, (_, i) => `订单-${i}-${'长'.repeat(400)}`);
  const one = failureNotification('1', { info: { message: '👩‍👩‍👧'.repeat(400) } });
  return messageOf(digestOf(one, { count: 1000, taskIds }), 'users', 'zh-CN');
}

describe.each(Object.keys(BENCHES))('the channel %s', (name) => {
  const open = BENCHES[name] as (typeof BENCHES)[string];

  test('delivers a text as it is: Chinese, quotes, emoji, markup', async () => {
    const { channel, received } = await open();
    await channel.deliver(message, { signal });
    expect(received()).toEqual([expect.stringContaining(AWKWARD)]);
  });

  test('says of each trouble rightly whether it can pass, and delivers when it has', async () => {
    const { channel, received, troubles } = await open();
    for (const { what, kind, retryAfterMs, begin, end } of troubles) {
      await begin();
      const error = await failureOf(channel.deliver(message, { signal }));
      expect([what, isPermanent(error) ? 'permanent' : 'temporary', retryAfterOf(error)]).toEqual([
        what,
        kind,
        retryAfterMs,
      ]);
      await end?.();
      const before = what.includes('directory') ? 0 : received().length;
      await channel.deliver(message, { signal });
      expect([what, received().length - before > 0 || name === 'in-app']).toEqual([what, true]);
    }
  });

  test('shows no secret in any error', async () => {
    const { channel, troubles } = await open();
    for (const { what, begin, end } of troubles) {
      await begin();
      const error = await failureOf(channel.deliver(message, { signal }));
      for (const secret of SECRETS) {
        const forms = [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')];
        for (const form of forms)
          expect([what, shown(error)]).toEqual([what, expect.not.stringContaining(form)]);
      }
      await end?.();
    }
  });

  test('keeps to the limit of its service, and cuts between characters', async () => {
    const { channel, received, limit } = await open();
    const long = longMessage();
    await channel.deliver(long, { signal });
    const [text = ''] = received();
    expect(text).not.toContain('\ufffd');
    if (limit) {
      expect(limit.size(text)).toBeLessThanOrEqual(limit.most);
      expect(limit.size(text)).toBeGreaterThan(limit.most * 0.7);
      // The last character before the mark is a whole one: the family has not lost a member.
      expect(text).toMatch(/(?:👩‍👩‍👧|长|\d|、|-)…$/u);
      expect(text.replaceAll('👩‍👩‍👧', '')).not.toMatch(/\p{Emoji_Presentation}|\u200d/u);
    } else expect(text).toContain('👩‍👩‍👧'.repeat(20));
  });
});

describe.each(NETWORK_CHANNELS)('the channel %s', (name) => {
  const silentOne = async () => {
    const { silent } = await (BENCHES[name] as (typeof BENCHES)[string])();
    if (!silent) throw new Error(`${name} has no silent server`);
    return silent();
  };

  test('does not wait for a server that never answers', async () => {
    const channel = await silentOne();
    const start = performance.now();
    const error = await failureOf(channel.deliver(message, { signal }));
    expect(isPermanent(error)).toBe(false);
    expect(performance.now() - start).toBeLessThan(2000);
  });

  test('stops when it is told to', async () => {
    const channel = await silentOne();
    const abort = new AbortController();
    const start = performance.now();
    const delivery = failureOf(channel.deliver(message, { signal: abort.signal }));
    setTimeout(() => abort.abort(new Error('stop')), 50);
    expect((await delivery).message).toContain('stop');
    expect(performance.now() - start).toBeLessThan(350);
  });
});

describe.each(HTTP_CHANNELS)('the channel %s', (name) => {
  test('follows no redirect', async () => {
    const { channel, troubles, redirected } = await (BENCHES[name] as (typeof BENCHES)[string])();
    for (const { begin } of troubles.filter(({ what }) => /status 30/.test(what))) {
      await begin();
      await failureOf(channel.deliver(message, { signal }));
    }
    expect(redirected?.()).toBe(0);
  });
});
