import { resolve } from 'node:path';
import { z } from 'zod';
import { RekindleError } from '../domain/error-codes.ts';
import { parseSessionName } from '../domain/session.ts';
import type { VideoDownloadInput } from '../domain/video-download.ts';
import { maskUrl } from '../secrets/mask-url.ts';

/** What a user asks for; {@link VideoDownloadInput} with a directory that may be relative. */
export interface DownloadRequest {
  readonly url: string;
  /** Directory that the file goes to. @default the working directory */
  readonly to?: string;
  /** Name of the file. @default from the server, else from the URL */
  readonly name?: string;
  /** Expected SHA-256, 64 hex digits. */
  readonly sha256?: string;
  /** Connections at once, 1–32. @default 4, or the worker's configuration */
  readonly connections?: number;
  /** Bytes per second. @default no limit */
  readonly limitRate?: number;
  /** Session that the site wants: `SITE/ACCOUNT`, or `SITE` for its account `default`. */
  readonly session?: string;
  /** A larger file is not fetched, in bytes. @default as the worker's configuration says */
  readonly maxBytes?: number;
  /** The transfer may take no longer, waits and retries included, in ms. @default as the worker's configuration says */
  readonly maxDurationMs?: number;
  /**
   * Somebody asks for it who may not reach all that the worker can: private addresses are refused unless
   * `network.allow` names them, and `to` must lie in one of `download.directories`. @default false
   */
  readonly untrusted?: boolean;
  /** Replace what exists, and fetch again what is complete. @default false */
  readonly force?: boolean;
}

const schema = z.strictObject({
  url: z.string().superRefine((url, context) => {
    const problem = urlProblem(url);
    if (problem) context.addIssue({ code: 'custom', message: problem });
  }),
  to: z.string().min(1).optional(),
  name: z
    .string()
    .min(1)
    .refine(
      (name) => !/[/\\\0]/.test(name) && name !== '.' && name !== '..',
      'must be a plain file name, without a path',
    )
    .optional(),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/i, 'must be 64 hex digits')
    .optional(),
  connections: z.number().int().min(1).max(32).optional(),
  limitRate: z.number().positive().optional(),
  session: z
    .string()
    .refine((text) => parseSessionName(text), 'must be SITE/ACCOUNT or SITE')
    .optional(),
  maxBytes: z.number().int().positive().optional(),
  maxDurationMs: z.number().positive().optional(),
  untrusted: z.boolean().optional(),
  force: z.boolean().optional(),
});

function urlProblem(url: string): string | undefined {
  const parsed = URL.parse(url);
  if (!parsed) return `"${maskUrl(url)}" is not a URL; it must look like https://host/path`;
  if (parsed.protocol === 'http:' || parsed.protocol === 'https:') return undefined;
  return `"${maskUrl(url)}" has the scheme ${parsed.protocol} – only http and https can be downloaded`;
}

/**
 * Validates a request.
 * @throws {RekindleError} INVALID_URL or INVALID_INPUT, naming every field that is wrong.
 */
export function downloadInput(request: DownloadRequest): VideoDownloadInput {
  const parsed = schema.safeParse(request);
  if (!parsed.success) throw invalid(parsed.error.issues);
  const { url, to, name, sha256, connections, limitRate, force } = parsed.data;
  const { maxBytes, maxDurationMs, untrusted } = parsed.data;
  const session = parsed.data.session === undefined ? null : parseSessionName(parsed.data.session);
  return {
    url: new URL(url).href,
    directory: resolve(to ?? '.'),
    ...(name === undefined ? {} : { fileName: name }),
    ...(sha256 === undefined ? {} : { sha256: sha256.toLowerCase() }),
    ...(connections === undefined ? {} : { connections }),
    ...(limitRate === undefined ? {} : { limitRate }),
    ...(force === undefined ? {} : { force }),
    ...(session ? { session } : {}),
    ...(maxBytes === undefined ? {} : { maxBytes }),
    ...(maxDurationMs === undefined ? {} : { maxDurationMs }),
    ...(untrusted ? { untrusted } : {}),
  };
}

function invalid(issues: readonly z.core.$ZodIssue[]): RekindleError {
  const [first] = issues;
  if (issues.length === 1 && first?.path[0] === 'url') {
    return new RekindleError('INVALID_URL', first.message, { hint: 'Check the address and try again.' });
  }
  const list = issues.map((issue) => `${issue.path.join('.') || 'request'}: ${issue.message}`).join('; ');
  return new RekindleError('INVALID_INPUT', list, { hint: 'Correct what is listed and try again.' });
}
