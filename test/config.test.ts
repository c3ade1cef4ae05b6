import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../src/config.ts';
import { tempDir } from './support/temp-dir.ts';

function configFile(text: string): string {
  const file = join(tempDir('config'), 'rekindle.yaml');
  writeFileSync(file, text);
  return file;
}

describe('the configuration', () => {
  it('has the documented defaults when nothing is set', () => {
    const config = loadConfig({ dataDir: '/srv/rk' }, {});
    expect(config.database).toEqual({
      path: '/srv/rk/recovery.db',
      backupIntervalMs: 3_600_000,
      backupKeep: { last: 24, days: 7 },
      maxConnections: 10,
      reconcileMs: 300_000,
    });
    expect(config.cleanup).toEqual({
      completedTaskRetentionMs: 86_400_000,
      sessionTimeoutMs: 86_400_000,
      logRetentionMs: 604_800_000,
      failureRetentionMs: 2_592_000_000,
    });
    expect(config.failure.scanIntervalMs).toBe(1_800_000);
    expect(config.locale).toBe('zh-CN');
    expect(config.temporal).toBeNull();
  });

  it('reads the documented file', () => {
    const file = configFile(`
recovery:
  database: { path: "data/recovery.db", backup_interval: 60, max_connections: 3 }
  retry:
    network_error: { max_attempts: 7, base_delay: 0.5, max_delay: 10 }
  cleanup: { completed_task_retention: 48 }
`);
    const config = loadConfig({ configFile: file }, {});
    expect(config.database.path).toBe(join(file, '../data/recovery.db'));
    expect(config.retry.network_error).toMatchObject({
      maxAttempts: 7,
      baseDelayMs: 500,
      maxDelayMs: 10_000,
    });
    expect(config.retry.auth_error.maxAttempts).toBe(3);
    expect(config.cleanup.completedTaskRetentionMs).toBe(48 * 3_600_000);
  });

  it('lets flags win over the environment and the environment over the file', () => {
    const file = configFile('locale: en\nlog_level: info\ndata_dir: /from/file\n');
    const config = loadConfig(
      { configFile: file, dataDir: '/from/flag' },
      { REKINDLE_LOG_LEVEL: 'debug', REKINDLE_DATA_DIR: '/from/env' },
    );
    expect(config).toMatchObject({ locale: 'en', logLevel: 'debug', dataDir: '/from/flag' });
  });

  it('reports every problem at once, each with its key or variable', () => {
    const file = configFile(
      'locale: fr\nrecovery:\n  database: { max_connections: 0 }\n  retry: { net_error: {} }\nspeed: 9\n',
    );
    const load = () => loadConfig({ configFile: file }, { FAILURE_SCAN_INTERVAL_MINUTES: 'often' });
    expect(load).toThrow(/5 problems/);
    for (const place of [
      /locale/,
      /recovery\.database\.max_connections/,
      /net_error/,
      /speed/,
      /FAILURE_SCAN_INTERVAL_MINUTES/,
    ])
      expect(load).toThrow(place);
  });

  it('names a file that does not exist', () => {
    expect(() => loadConfig({ configFile: '/nowhere/rekindle.yaml' }, {})).toThrow('/nowhere/rekindle.yaml');
  });

  it('names the line of a file that is not YAML', () => {
    const file = configFile('locale: [en\n');
    expect(() => loadConfig({ configFile: file }, {})).toThrow(/rekindle\.yaml/);
  });

  it('takes the address, namespace and key of a Temporal server from its own variables', () => {
    const config = loadConfig(
      {},
      { TEMPORAL_ADDRESS: 'temporal.example:7233', TEMPORAL_NAMESPACE: 'videos', TEMPORAL_API_KEY: 'k' },
    );
    expect(config.temporal).toMatchObject({ address: 'temporal.example:7233', apiKey: 'k' });
    expect(config.namespace).toBe('videos');
  });

  it('cannot be changed afterwards', () => {
    expect(Object.isFrozen(loadConfig({}, {}).engine)).toBe(true);
  });
});
