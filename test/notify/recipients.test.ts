import { expect, test } from 'vitest';
import { PermanentDeliveryError, TemporaryDeliveryError } from '../../src/notify/channel.ts';
import { Recipients } from '../../src/notify/recipients.ts';

test('who has a message does not get it again when it is tried again for the others', async () => {
  const recipients = new Recipients();
  const sent: string[] = [];
  let down = true;
  const send = async (to: string): Promise<void> => {
    if (to === 'b' && down) throw new TemporaryDeliveryError('later', { retryAfterMs: 9000 });
    sent.push(to);
  };
  const deliver = () => recipients.deliver('m', ['a', 'b', 'c'], send, () => undefined);
  await expect(deliver()).rejects.toMatchObject({ retryAfterMs: 9000 });
  down = false;
  await deliver();
  expect(sent).toEqual(['a', 'c', 'b']);
  await recipients.deliver('other', ['a'], send, () => undefined);
  expect(sent).toEqual(['a', 'c', 'b', 'a']);
});

test('a recipient that can never be reached keeps nothing from the others', async () => {
  const refused: string[] = [];
  const send = async (to: string): Promise<void> => {
    if (to === 'b') throw new PermanentDeliveryError('no such one');
  };
  await new Recipients().deliver('m', ['a', 'b'], send, (to, why) => refused.push(`${to}: ${why}`));
  expect(refused).toEqual(['b: no such one']);
});

test('nobody who can be reached is a failure for good', async () => {
  const send = async (): Promise<void> => {
    throw new PermanentDeliveryError('no such one');
  };
  const delivery = new Recipients().deliver('m', ['a', 'b'], send, () => undefined);
  await expect(delivery).rejects.toBeInstanceOf(PermanentDeliveryError);
});
