import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A certificate for 127.0.0.1 that nobody but its own file vouches for. */
export interface Certificate {
  /** Its file, for `NODE_EXTRA_CA_CERTS`. */
  readonly path: string;
  readonly cert: string;
  readonly key: string;
}

/** Makes one in a directory; needs openssl. */
export function makeCertificate(directory: string): Certificate {
  const key = join(directory, 'key.pem');
  const path = join(directory, 'cert.pem');
  const what = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', path];
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync('openssl', [...what, ...subject], { stdio: 'ignore' });
  return { path, cert: readFileSync(path, 'utf8'), key: readFileSync(key, 'utf8') };
}

export function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
