/** The section `notification:` of rekindle.yaml, as it stands in the file. */
import { z } from 'zod';
import { REFERENCE } from '../secrets/references.ts';

const secret = z
  .string()
  .regex(REFERENCE, 'a secret does not stand in this file: give it as env:NAME or file:PATH');
const url = z
  .string()
  .refine(
    (text) => REFERENCE.test(text) || isHttpUrl(text),
    'is no http or https URL, env:NAME or file:PATH',
  );
const headers = z.record(z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/, 'is no name of a header'), z.string());
const timeout = z.number().positive().max(60).default(15);
const address = z.string().regex(/^[^\s@]+@[^\s@]+$/, 'is no e-mail address');

const email = z.strictObject({
  type: z.literal('email'),
  host: z.string().min(1),
  /** @default 587, with security tls 465, with none 25 */
  port: z.number().int().min(1).max(65535).optional(),
  security: z.enum(['starttls', 'tls', 'none']).default('starttls'),
  user: z.string().min(1).optional(),
  password: secret.optional(),
  /** Address, or `Name <address>`. */
  from: z.string().regex(/^[^\r\n@]+@[^\s@]+$/, 'is no e-mail address'),
  to: z.array(address).min(1),
  timeout,
});

const sms = z.strictObject({
  type: z.literal('sms'),
  url,
  method: z.enum(['POST', 'PUT', 'GET']).default('POST'),
  headers: headers.default({}),
  /** How the body is written. */
  format: z.enum(['json', 'form']).default('json'),
  /** Values may hold {to} and {text}. */
  body: z.record(z.string(), z.json()).default({ to: '{to}', text: '{text}' }),
  to: z.array(z.string().regex(/^[+\d][\d -]{2,20}$/, 'is no telephone number')).min(1),
  max_length: z.number().int().min(20).max(2000).default(200),
  /** For gateways that answer 200 to everything: the field of the JSON answer that tells, and its good value. */
  accepted: z
    .strictObject({ field: z.string().min(1), value: z.union([z.string(), z.number(), z.boolean()]) })
    .optional(),
  timeout,
});

const dingtalk = z.strictObject({
  type: z.literal('dingtalk'),
  url,
  secret: secret.optional(),
  /** One of the robot's keywords, put into every message. */
  keyword: z.string().min(1).max(50).optional(),
  timeout,
});

const wecom = z.strictObject({ type: z.literal('wecom'), url, secret: secret.optional(), timeout });

const webhook = z.strictObject({
  type: z.literal('webhook'),
  url,
  secret,
  headers: headers.default({}),
  timeout,
});

const TYPES = 'email, sms, dingtalk, wecom, webhook, in-app or custom';
const channel = z.discriminatedUnion(
  'type',
  [
    email,
    sms,
    dingtalk,
    wecom,
    webhook,
    z.strictObject({ type: z.literal('in-app') }),
    // Made in code; named here so that teams may name it.
    z.strictObject({ type: z.literal('custom') }),
  ],
  { error: `the type of a channel is ${TYPES}` },
);

const route = z
  .strictObject({
    task_types: z.array(z.string().min(1)).min(1).optional(),
    categories: z.array(z.string().min(1)).min(1).optional(),
    audience: z.enum(['administrators', 'user']).optional(),
    team: z.string(),
  })
  .refine((one) => one.task_types ?? one.categories ?? one.audience, {
    message: 'a route needs task_types, categories or audience',
  });

/** Schema of the section. What it cannot see (references, names) is found by `notificationProblems`. */
export const notificationSchema = z.strictObject({
  /** Minutes. */
  quiet_minutes: z.number().positive().max(1440).default(10),
  /** Hours. */
  max_quiet_hours: z.number().positive().max(168).default(6),
  channels: z.record(z.string(), channel).default({}),
  teams: z.record(z.string(), z.array(z.string().min(1))).default({}),
  routes: z.array(route).default([]),
});

export type NotificationFile = z.infer<typeof notificationSchema>;
export type ChannelFile = z.infer<typeof channel>;

function isHttpUrl(text: string): boolean {
  const protocol = URL.parse(text)?.protocol;
  return protocol === 'http:' || protocol === 'https:';
}
