import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { emailChannel } from '../../src/notify/email.ts';
import { messageOf } from '../../src/notify/message.ts';
import type { EmailSettings } from '../../src/notify/resolve-settings.ts';
import { Secret } from '../../src/secrets/secret.ts';
import { type Certificate, hasOpenssl, makeCertificate } from '../support/certificate.ts';
import { tempDir } from '../support/temp-dir.ts';
import { digestOf, failureNotification } from './support/digests.ts';
import { type MailServer, startMailServer } from './support/mail-server.ts';

const LOGIN = { user: 'ops', pass: 'p4ss-of-ops' };
const NEVER = new AbortController().signal;
const MESSAGE = messageOf(digestOf(failureNotification('tls')), 'customer_service', 'en');
/** As the configuration says it, and how the server of that kind speaks. */
const KINDS = [
  ['starttls', 'starttls'],
  ['tls', 'implicit'],
] as const;

/** As when the machine's own list had it. */
function trust({ cert }: Certificate): void {
  const before = getCACertificates('default');
  setDefaultCACertificates([...before, cert]);
  onTestFinished(() => setDefaultCACertificates(before));
}

function send({ port }: MailServer, security: EmailSettings['security']): Promise<void> {
  const settings: EmailSettings = {
    type: 'email',
    host: '127.0.0.1',
    port,
    security,
    user: LOGIN.user,
    password: new Secret(LOGIN.pass),
    from: 'rekindle@example.com',
    to: ['ops@example.com'],
    timeoutMs: 10_000,
  };
  return emailChannel('mail', settings, () => undefined).deliver(MESSAGE, { signal: NEVER });
}

describe.skipIf(!hasOpenssl()).each(KINDS)('security: %s', (security, how) => {
  test('sends login and mail over TLS', async () => {
    const certificate = makeCertificate(tempDir('certificate'));
    trust(certificate);
    const server = await startMailServer(LOGIN, { how, ...certificate });
    await send(server, security);
    expect(server.mails).toMatchObject([{ to: ['ops@example.com'], secure: true }]);
  });

  test('sends nothing to a server whose certificate nobody vouches for, and tries again', async () => {
    const server = await startMailServer(LOGIN, { how, ...makeCertificate(tempDir('certificate')) });
    const refused = send(server, security);
    await expect(refused).rejects.toMatchObject({
      name: 'TemporaryDeliveryError',
      message: expect.stringMatching(/self-signed certificate/),
    });
    expect(server.mails).toEqual([]);
  });
});
