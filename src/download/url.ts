import { RekindleError } from '../domain/error-codes.ts';
import { maskUrl } from '../secrets/mask-url.ts';

/**
 * The URL that `text` stands for.
 * @throws RekindleError INVALID_URL when it is no http or https URL
 */
export function parseHttpUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null) {
    throw new RekindleError('INVALID_URL', `"${text.slice(0, 200)}" is no URL`, {
      hint: 'Give the whole address, for example https://example.org/file.zip',
    });
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new RekindleError('INVALID_URL', `${maskUrl(url)} is no http or https address`, {
      hint: 'Only http:// and https:// can be downloaded.',
    });
  }
  return url;
}
