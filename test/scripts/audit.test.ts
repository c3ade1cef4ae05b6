import { describe, expect, test } from 'vitest';
import { auditOf } from '../../scripts/audit.ts';

describe('an audit of the packages', () => {
  test('finds what is high or critical, and nothing less', () => {
    const vulnerabilities = {
      leaky: { severity: 'high', range: '<1.2.3' },
      holed: { severity: 'critical', range: '*' },
      odd: { severity: 'moderate', range: '*' },
    };
    expect(auditOf(JSON.stringify({ vulnerabilities }))).toEqual({
      outcome: 'found',
      findings: ['leaky <1.2.3: high', 'holed *: critical'],
    });
    const { odd } = vulnerabilities;
    expect(auditOf(JSON.stringify({ vulnerabilities: { odd } }))).toEqual({ outcome: 'clean' });
    expect(auditOf('{"vulnerabilities":{}}')).toEqual({ outcome: 'clean' });
  });

  test.each([
    [
      '{"message":"405 Method Not Allowed - POST https://me:token@r/x","statusCode":405}',
      /\(it answered 405\)/,
    ],
    [
      '{"message":"request to https://me:token@r/x failed, reason: connect ECONNREFUSED"}',
      /\(ECONNREFUSED\)/,
    ],
    ['{"error":{"code":"ENOLOCK","summary":"no lock"}}', /\(ENOLOCK\)/],
    ['', /no answer/],
    ['null', /no answer/],
  ])('that could not be made says why, and no address: %s', (json, reason) => {
    const audit = auditOf(json);
    expect(audit).toEqual({ outcome: 'skipped', reason: expect.stringMatching(reason) });
    expect(JSON.stringify(audit)).not.toContain('token');
  });
});
