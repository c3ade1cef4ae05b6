import { expect, test } from 'vitest';
import { checkLogin } from '../../src/client/login-request.ts';

test('a password without a user is refused with a hint that says what else is possible', () => {
  const alone = () => checkLogin({ site: 'school', password: 'file:/run/secrets/school' });
  expect(alone).toThrow(
    expect.objectContaining({ code: 'INVALID_INPUT', hint: expect.stringContaining('`accounts`') }),
  );
});
