import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { DEFAULT_THRESHOLDS } from '../../src/monitoring/index.ts';
import { tempDir } from '../support/temp-dir.ts';

function load(yaml: string) {
  const configFile = join(tempDir('config'), 'rekindle.yaml');
  writeFileSync(configFile, yaml);
  return loadConfig({ configFile }, {});
}

test('without a word about them the alerts have the documented thresholds', () => {
  expect(load('locale: en\n').alerts).toEqual(DEFAULT_THRESHOLDS);
});

test('each threshold can be set by its documented name', () => {
  const { alerts } = load(
    'alerts: { failure_rate_threshold: 35, unknown_error_threshold: 3, min_samples: 20 }\n',
  );
  expect(alerts).toEqual({ ...DEFAULT_THRESHOLDS, failureRatePercent: 35, unknownErrors: 3, minSamples: 20 });
});

test('thresholds that make no sense are all told', () => {
  const bad =
    'alerts: { failure_rate_threshold: 101, recovery_failure_threshold: 0, notification_delay_threshold: soon,' +
    ' recovery_rate_threshold: 80, min_sample: 3 }\n';
  for (const key of [
    'alerts.failure_rate_threshold',
    'alerts.recovery_failure_threshold',
    'alerts.notification_delay_threshold',
    'alerts.recovery_rate_threshold',
    'min_sample',
  ])
    expect(() => load(bad)).toThrow(key);
});
