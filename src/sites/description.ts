/** The shape of a site's description, `sites/<name>.yaml`. docs/login.md explains every key. */
import { z } from 'zod';
import { PROVIDER_NAME } from '../secrets/resolver.ts';
import { USUAL_TOTP } from './totp.ts';

const address = z.string().superRefine((text, context) => {
  const url = URL.parse(text);
  if (url && (url.protocol === 'http:' || url.protocol === 'https:') && url.username === '') return;
  context.addIssue({ code: 'custom', message: 'must be an address like https://host/path, without user' });
});
const origin = z
  .string()
  .refine((text) => URL.parse(text)?.origin === text, 'is no origin: https://host[:port], without a path');
const selector = z.string().min(1).max(500);
const text = z.string().min(1).max(500);
const header = z.string().regex(/^[\w!#$%&'*+.^`|~-]{1,100}$/, 'is no name of a header');
const values = z.record(text, z.string());
const headers = z.record(header, z.string().regex(/^[\t\x20-\x7e]*$/, 'is no value of a header'));
const seconds = z.number().positive();

/** One, or several in a list. */
function listOf<T extends z.ZodType>(one: T) {
  return z
    .union([one, z.array(one)])
    .transform((given): z.output<T>[] => (Array.isArray(given) ? given : [given]))
    .default([]);
}

const sign = z
  .strictObject({
    status: z.union([z.number().int().min(100).max(599), z.array(z.number().int()).min(1)]).optional(),
    text: text.optional(),
    selector: selector.optional(),
    json: text.optional(),
    equals: z.union([z.string(), z.number(), z.boolean(), z.null()]).optional(),
    url: text.optional(),
    cookie: text.optional(),
  })
  .refine((s) => Object.keys(s).some((key) => key !== 'equals'), 'a sign says at least one thing')
  .refine((s) => s.equals === undefined || s.json !== undefined, 'equals needs json');
const signs = listOf(sign);

/** Where a value is found. */
const source = z.discriminatedUnion('from', [
  z.strictObject({ from: z.literal('json'), path: text }),
  z.strictObject({ from: z.literal('html'), selector, attribute: text.optional() }),
  z.strictObject({ from: z.literal('header'), name: header }),
  z.strictObject({ from: z.literal('cookie'), name: text }),
  z.strictObject({ from: z.literal('storage'), name: text }),
]);
export type ValueSource = z.infer<typeof source>;

/** What a form or request needs beside the fields that the page has. */
const sending = {
  /** @default the form's action */
  url: address.optional(),
  /** @default the form's, else POST */
  method: z.enum(['POST', 'PUT', 'GET']).optional(),
  /** The form. @default the one that has the field */
  form: selector.optional(),
  /** What a browser clicks. @default the form's own button */
  button: selector.optional(),
  /** Fields with values of their own. */
  fields: values.default({}),
  headers: headers.default({}),
  /** JSON to send; `{{user}}`, `{{password}}` and `{{code}}` are replaced. */
  json: z.unknown().optional(),
  /** A value of the page that the request must carry, beside hidden fields. */
  csrf: z
    .strictObject({ source, header: header.optional(), field: text.optional() })
    .refine((c) => c.header || c.field, 'say where it is sent: header or field')
    .optional(),
};

const submit = z.strictObject({
  ...sending,
  /** Names of fields; for a browser a name or a CSS selector. */
  user: text.default('username'),
  password: text.default('password'),
  /** Field of the one-time code, when it is asked for together with the password. */
  code: text.optional(),
});

const challenge = z.strictObject({
  ...sending,
  /** How the page is recognised that asks for a code. */
  when: signs.refine((list) => list.length > 0, 'say how its page is recognised'),
  /** Who knows the code. @default totp for accounts with a totp secret, else person */
  by: z.enum(['totp', 'person']).optional(),
  field: text.default('code'),
  /** The site did not take the code. */
  refused: signs,
  /** What a person is asked, by language. */
  question: z.strictObject({ 'zh-CN': text.optional(), en: text.optional() }).optional(),
  /** Seconds that a person has. */
  time_limit: seconds.max(7 * 86_400).default(600),
});

const token = z.strictObject({
  source,
  /** The answer that has it. */
  on: z.enum(['submit', 'verify']).default('submit'),
  send: z.union([
    z.strictObject({ header, prefix: z.string().default('') }),
    z.strictObject({ query: text }),
  ]),
});

const lifetime = z.union([
  z.strictObject({ seconds }),
  z.strictObject({ cookie: text }),
  /** `exp` of a token that is a JWT. */
  z.strictObject({ token: z.literal('jwt') }),
  /** Seconds from now, or a time. */
  z.strictObject({ json: text }),
]);

/** A page that wants a login, given out in place of a file. */
const expiredSign = z
  .strictObject({ url: text.optional(), text: text.optional(), content_type: text.optional() })
  .refine((s) => Object.keys(s).length > 0, 'a sign says at least one thing');

const reference = z
  .string()
  .refine(
    (given) => PROVIDER_NAME.test(given.split(':')[0] ?? '') && /:./s.test(given),
    'a secret does not stand in this file: give it as env:NAME, file:PATH, or by a provider of yours',
  );
const account = z.strictObject({
  user: z.string().min(1),
  password: reference,
  totp: reference.optional(),
});

const NAME = /^[A-Za-z0-9][\w.@+-]{0,99}$/;

/** Schema of a file. */
export const siteSchema = z
  .strictObject({
    name: z.string().regex(NAME, 'a name has letters, digits, _ . @ + - only').optional(),
    kind: z.enum(['form', 'json', 'browser']),
    /** The login page. JSON logins need one only for its cookies or tokens. */
    page: address.optional(),
    /** Sent with every request. */
    headers: headers.default({}),
    submit: submit.prefault({}),
    challenge: challenge.optional(),
    verify: z.strictObject({
      url: address,
      success: signs.refine((list) => list.length > 0, 'say how success is recognised'),
    }),
    failure: z.strictObject({ refused: signs, locked: signs, blocked: signs }).prefault({}),
    tokens: z.array(token).default([]),
    session: z.strictObject({ lifetime: lifetime.optional(), expired: listOf(expiredSign) }).prefault({}),
    /** Origins that get the session. @default those of the page and of `verify` */
    origins: z.array(origin).min(1).optional(),
    totp: z
      .strictObject({
        digits: z.number().int().min(6).max(10).default(USUAL_TOTP.digits),
        period: z.number().int().min(1).max(600).default(USUAL_TOTP.period),
        algorithm: z.enum(['sha1', 'sha256', 'sha512']).default(USUAL_TOTP.algorithm),
      })
      .prefault({}),
    accounts: z.record(z.string().regex(NAME), account).default({}),
    /** Seconds that the site may take for one answer. */
    timeout: seconds.max(600).default(30),
  })
  .superRefine((site, context) => {
    const problem = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    if (site.kind !== 'json' && !site.page) problem(['page'], `is needed by the kind ${site.kind}`);
    if (site.kind === 'json' && !site.submit.url) problem(['submit', 'url'], 'is needed by the kind json');
    if (site.kind === 'json' && site.submit.json === undefined)
      problem(
        ['submit', 'json'],
        'is needed by the kind json, e.g. {user: "{{user}}", password: "{{password}}"}',
      );
    if (site.kind !== 'json' && site.submit.json !== undefined)
      problem(['submit', 'json'], `cannot be with the kind ${site.kind}`);
    if (site.submit.csrf && !site.page) problem(['page'], 'is needed by submit.csrf');
    if (site.challenge && site.kind === 'json' && !(site.challenge.url && site.challenge.json !== undefined))
      problem(['challenge'], 'needs url and json with the kind json');
  });
export type SiteFile = z.infer<typeof siteSchema>;

/** A description as the drivers use it. */
export interface SiteDescription extends SiteFile {
  readonly name: string;
  /** Origins that get the session. */
  readonly origins: string[];
  /** Origins that get passwords and codes. */
  readonly trusted: readonly string[];
}

/** Completes a description. */
export function siteOf(name: string, file: SiteFile): SiteDescription {
  const originsOf = (addresses: readonly (string | undefined)[]) => [
    ...new Set(addresses.filter((one) => one !== undefined).map((one) => new URL(one).origin)),
  ];
  const sent = originsOf([file.page, file.submit.url, file.challenge?.url]);
  const origins = file.origins ?? originsOf([file.page ?? file.submit.url, file.verify.url]);
  return { ...file, name, origins, trusted: [...new Set([...sent, ...(file.origins ?? [])])] };
}
