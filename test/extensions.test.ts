import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../src/config.ts';
import { loadExtensions } from '../src/extensions.ts';
import { createClassifier } from '../src/failures/index.ts';
import { tempDir } from './support/temp-dir.ts';

/** A configuration beside these modules. */
function configured(yaml: string, modules: Record<string, string> = {}) {
  const dataDir = tempDir('extensions');
  for (const [name, text] of Object.entries(modules)) writeFileSync(join(dataDir, name), text);
  writeFileSync(join(dataDir, 'rekindle.yaml'), yaml);
  return loadConfig({ dataDir }, {});
}

describe('extensions', () => {
  test('of configuration and code are put together, TypeScript too', async () => {
    const config = configured(
      `
extensions: [./own.ts, ./more.mjs]
failure:
  rules: [{ id: courier, category: recoverable_courier, patterns: ['courier .* maintenance'] }]
  categories: { recoverable_courier: { delays: [60, 120] } }
  strategies: { special_task: { delay: 5, max_attempts: 2 } }
`,
      {
        'own.ts': `export default { rules: [{ category: 'unrecoverable_stamp' as string, codes: ['ESTAMP'] }] };`,
        'more.mjs': `export default {
          strategies: { other_task: ({ recoveryAttempts }) => ({ delay: recoveryAttempts, strategy: 'own', max_attempts: 9 }) },
          channels: { pager: { name: 'pager', deliver: async () => undefined } },
          handlers: { order_processing: async () => undefined },
          canRecover: { order_processing: ({ checkpoint }) => checkpoint !== null || 'nothing to go on from' },
        };`,
      },
    );
    const extensions = await loadExtensions(config);
    const { classifyMessage } = createClassifier(extensions);
    expect(classifyMessage('the courier is down for maintenance')).toMatchObject({
      category: 'recoverable_courier',
      rule: 'custom.courier',
    });
    expect(extensions.categories.recoverable_courier).toEqual({
      delaysMs: [60_000, 120_000],
      maxAttempts: 2,
      audience: 'administrators',
    });
    expect(Object.keys(extensions.strategies)).toEqual(['special_task', 'other_task']);
    expect(Object.keys(extensions.channels)).toEqual(['pager']);
    expect(Object.keys(extensions.handlers)).toEqual(['order_processing']);
    expect(extensions.canRecover.order_processing?.({ checkpoint: null } as never)).toBe(
      'nothing to go on from',
    );
  });

  test('that are wrong are all named at once, with what is wrong with each', async () => {
    const config = configured('extensions: [./missing.ts, ./empty.mjs, ./wrong.mjs]', {
      'empty.mjs': 'export const nothing = 1;',
      'wrong.mjs': `export default { rule: [], handlers: { a: 1 }, canRecover: { b: true }, channels: { b: {} } };`,
    });
    const error = await loadExtensions(config).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'INVALID_CONFIG' });
    const { message } = error as Error;
    expect(message).toContain('missing.ts cannot be loaded');
    expect(message).toContain('canRecover.b is not what it has to be');
    expect(message).toContain('empty.mjs has no default export');
    expect(message).toContain('rule is no field of an extension');
    expect(message).toContain('handlers.a is not what it has to be');
    expect(message).toContain('channels.b is not what it has to be');
  });

  test('with a pattern that could run away are refused before anything starts', async () => {
    const config = configured('extensions: [./own.mjs]', {
      'own.mjs': `export default { rules: [{ category: 'unknown', patterns: ['(a+)+$'] }] };`,
    });
    await expect(loadExtensions(config)).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message: expect.stringContaining('(a+)+$'),
    });
  });
});
