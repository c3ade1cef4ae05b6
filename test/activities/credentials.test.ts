import { expect, test } from 'vitest';
import { fetchSecrets } from '../../src/activities/login/credentials.ts';
import { Secret } from '../../src/secrets/secret.ts';

const signal = new AbortController().signal;
const fetched = (user: string) =>
  fetchSecrets(
    { user, password: 'env:PASSWORD' },
    async (reference) => new Secret(`what ${reference} says`),
    signal,
  );

test.each(['env:USER_OF_IT', 'file:user', 'file:/run/secrets/user', 'vault:school/user'])(
  'the user’s name may stand elsewhere: %s',
  async (user) => expect(await fetched(user)).toMatchObject({ user: `what ${user} says` }),
);

test.each(['anna', 'anna@example.com', 'https://anna.example.com/', 'a:b', 'env:', 'DOMAIN:anna'])(
  'the user’s name stands for itself: %s',
  async (user) => expect(await fetched(user)).toMatchObject({ user, password: 'what env:PASSWORD says' }),
);
