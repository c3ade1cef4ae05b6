import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { onTestFinished } from 'vitest';
import { simpleParser } from './mail-parser.ts';

/** A mail as it arrived. */
export interface Mail {
  readonly to: readonly string[];
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
  /** Whether it came over TLS. */
  readonly secure: boolean;
}

/** A real SMTP server. What it shall refuse is changed in `refuse`. */
export interface MailServer {
  readonly port: number;
  readonly mails: Mail[];
  /** By recipient: SMTP code that it is refused with. */
  readonly refuse: Map<string, number>;
  /** Refuses all messages with this code. */
  refuseAll: number | null;
}

/** How a mail server speaks TLS: from the first byte (`implicit`), or when it is asked to (`starttls`). */
export interface MailTls {
  readonly how: 'implicit' | 'starttls';
  readonly cert: string;
  readonly key: string;
}

/** Starts one for the running test; with a user it wants that login. @param tls @default none is offered */
export async function startMailServer(
  login?: { user: string; pass: string },
  tls?: MailTls,
): Promise<MailServer> {
  const mail: MailServer = { port: 0, mails: [], refuse: new Map(), refuseAll: null };
  const options: SMTPServerOptions = {
    ...(tls ? { secure: tls.how === 'implicit', cert: tls.cert, key: tls.key } : {}),
    disabledCommands: [...(tls ? [] : ['STARTTLS']), ...(login ? [] : ['AUTH'])],
    authOptional: !login,
    // With TLS a login in clear text would be a fault of the sender.
    allowInsecureAuth: !tls,
    onAuth({ username, password }, _session, done) {
      const right = username === login?.user && password === login?.pass;
      if (right) done(null, { user: username });
      else done(smtpError(535, 'authentication failed'));
    },
    onRcptTo({ address }, _session, done) {
      const code = mail.refuse.get(address);
      done(code === undefined ? null : smtpError(code, `not ${address}`));
    },
    onData(stream, session, done) {
      const pieces: Buffer[] = [];
      stream.on('data', (piece: Buffer) => pieces.push(piece));
      stream.on('end', () => {
        if (mail.refuseAll !== null) return done(smtpError(mail.refuseAll, 'not now'));
        const to = session.envelope.rcptTo.map(({ address }) => address);
        mail.mails.push({ to, ...simpleParser(Buffer.concat(pieces)), secure: session.secure });
        return done();
      });
    },
  };
  const server = new SMTPServer(options);
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return Object.assign(mail, { port: (server.server.address() as AddressInfo).port });
}

function smtpError(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}

/** Takes connections and never says a word. Returns its port. */
export async function startSilentServer(): Promise<number> {
  const server = createServer((socket) => socket.on('error', () => undefined));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  return (server.address() as AddressInfo).port;
}
