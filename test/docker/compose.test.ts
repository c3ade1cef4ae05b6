import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Ajv, type ErrorObject } from 'ajv';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import {
  interpolated,
  isPath,
  type Mount,
  mountsOf,
  readCompose,
  readEnvFile,
  type Service,
  variablesIn,
} from './compose-file.ts';
import { environmentOf, readDockerfile } from './dockerfile.ts';
import { helpOf } from './help-of.ts';

const example = readEnvFile('.env.example');
const written = readCompose();
const compose = interpolated(written, example);
const services = Object.entries(compose.services);
const ours = services.filter(([, service]) => service.build !== undefined);

/** What the schema of the Compose Specification, as the linter dclint ships it, has against a file. */
function schemaErrorsOf(file: unknown): ErrorObject[] {
  const manifest = createRequire(import.meta.url).resolve('dclint/package.json');
  const { $schema: _draft7, ...schema } = JSON.parse(
    readFileSync(join(dirname(manifest), 'schemas/compose.schema.json'), 'utf8'),
  ) as { $schema: string };
  const validate = new Ajv({ strict: false, allErrors: true }).compile(schema);
  validate(file);
  return validate.errors ?? [];
}

describe('docker-compose.yml and the compose schema', () => {
  it.each([
    ['as it is written', written],
    ['with the settings of .env.example', compose],
  ])('fits it %s', (_name, file) => {
    expect(schemaErrorsOf(file)).toEqual([]);
  });

  it.each([
    ['a key that there is not', { services: { worker: { image: 'a', healthchek: {} } } }],
    ['a condition that there is not', { services: { a: { depends_on: { b: { condition: 'ready' } } } } }],
    ['a port that is none', { services: { a: { ports: [{ target: {} }] } } }],
  ])('is a schema that refuses %s', (_name, file) => {
    expect(schemaErrorsOf(file)).not.toEqual([]);
  });
});

describe('the variables of docker-compose.yml', () => {
  const uses = variablesIn(written);

  it('are those of .env.example, and none of those is idle', () => {
    const names = new Set(uses.map(({ name }) => name));
    expect([...names].sort()).toEqual(Object.keys(example).sort());
  });

  it('have the same values without an .env as with .env.example', () => {
    const fallbacks = uses.filter(({ fallback }) => fallback !== undefined);
    for (const { name, fallback } of fallbacks)
      expect(`${name}=${fallback}`).toBe(`${name}=${example[name]}`);
  });

  it('include the password, without which nothing starts', () => {
    const { POSTGRES_PASSWORD: _, ...rest } = example;
    expect(() => interpolated(written, rest)).toThrow('copy .env.example to .env');
  });

  it('carry every secret, so that none stands in the file', () => {
    const secrets = Object.values(written.services)
      .flatMap((service) => Object.entries(service.environment ?? {}))
      .filter(([name]) => /passw|pwd|secret|token|api_?key|credential/i.test(name));
    expect(secrets.length).toBeGreaterThan(0);
    for (const [name, value] of secrets) expect(`${name}: ${value}`).toMatch(/: \$\{\w+:\?[^}]*\}$/);
  });
});

describe.each(services)('the service %s', (name, service) => {
  it('is a pinned image, or our own', () => {
    if (service.build === undefined) expect(service.image).toMatch(/:\d+\.\d+(\.\d+)?(-[a-z]+)?$/);
    else expect(existsSync(join(service.build, 'Dockerfile'))).toBe(true);
  });

  it('may do no more than it needs', () => {
    expect(service).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
    expect(service.privileged).toBeUndefined();
    expect(service.user ?? 'as its image says').not.toMatch(/^(root|0)\b/);
  });

  it('publishes its ports on this machine only', () => {
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  it('refers to volumes, networks and files that there are', () => {
    for (const { source } of mountsOf(service)) {
      if (source === undefined) continue;
      if (isPath(source)) expect(existsSync(source), source).toBe(true);
      else expect(compose.volumes).toHaveProperty(source);
    }
    for (const network of service.networks ?? []) expect(compose.networks).toHaveProperty(network);
    for (const file of [service.env_file ?? []].flat()) expect(existsSync(file), file).toBe(true);
    for (const word of service.command ?? []) {
      if (word.startsWith('/')) expect(existsSync(onThisMachine(service, word)), word).toBe(true);
    }
    for (const path of [service.environment?.DYNAMIC_CONFIG_FILE_PATH ?? []].flat()) {
      expect(existsSync(onThisMachine(service, path)), path).toBe(true);
    }
  });

  it('waits for services that there are, in a way that they can fulfil', () => {
    for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
      const awaited = compose.services[other];
      expect(awaited, other).toBeDefined();
      if (condition === 'service_healthy') expect(awaited?.healthcheck, other).toBeDefined();
      // What is started again whenever it ends would be awaited for ever.
      if (condition === 'service_completed_successfully') expect(awaited?.restart).toMatch(/^on-failure/);
    }
  });

  it('reaches what it talks to', () => {
    const talksTo = ['TEMPORAL_ADDRESS', 'POSTGRES_SEEDS', 'SQL_HOST']
      .map((variable) => service.environment?.[variable]?.split(':')[0])
      .filter((host) => host !== undefined);
    for (const host of talksTo) {
      const shared = compose.services[host]?.networks?.filter((network) =>
        service.networks?.includes(network),
      );
      expect(shared, `${name} → ${host}`).not.toEqual([]);
      expect(waitsFor(name, host), `${name} waits for ${host}`).toBe(true);
    }
  });

  it('comes back by itself, and can be seen to be well', () => {
    if (isJob(name)) return expect(service.restart).toBe('on-failure:5');
    expect(service.restart).toBe('unless-stopped');
    // Ours is checked as their image says, see dockerfile.test.ts.
    if (service.build === undefined) expect(service.healthcheck?.test[0]).toBe('CMD');
  });
});

describe('docker-compose.yml as a whole', () => {
  it('has no volume or network that nobody uses', () => {
    const mounted = services.flatMap(([, service]) => mountsOf(service).map(({ source }) => source));
    const joined = services.flatMap(([, service]) => service.networks ?? []);
    expect(mounted).toEqual(expect.arrayContaining(Object.keys(compose.volumes)));
    expect(joined).toEqual(expect.arrayContaining(Object.keys(compose.networks)));
  });

  it("sets up the schema with the tools of the server's version", () => {
    const versionOf = (service: string) => compose.services[service]?.image?.split(':')[1];
    expect(versionOf('temporal-schema')).toBe(versionOf('temporal'));
    expect(versionOf('temporal-namespace')).toBe(versionOf('temporal'));
  });

  it('gives every service that uses the database the same user and password', () => {
    const { postgresql, temporal, 'temporal-schema': schema } = compose.services;
    const { POSTGRES_USER: user, POSTGRES_PASSWORD: password } = postgresql?.environment ?? {};
    expect(password).toBe(example.POSTGRES_PASSWORD);
    expect(temporal?.environment).toMatchObject({ POSTGRES_USER: user, POSTGRES_PWD: password });
    expect(schema?.environment).toMatchObject({ SQL_USER: user, SQL_PASSWORD: password });
    expect(temporal?.environment?.DB).toBe(schema?.environment?.SQL_PLUGIN);
  });
});

describe('the configuration that our services get', () => {
  const image = environmentOf(readDockerfile().at(-1) as never);
  const configOf = (service: Service) => loadConfig({}, { ...image, ...service.environment });
  const { worker, mirror } = compose.services as { worker: Service; mirror: Service };

  it('is for a worker and a mirror owner', () => {
    expect(ours.map(([name]) => name)).toEqual(['worker', 'mirror']);
  });

  it.each(ours)('is complete for the %s', (_name, service) => {
    expect(configOf(service)).toMatchObject({
      file: null,
      temporal: { address: 'temporal:7233', tls: false, apiKey: undefined },
      namespace: 'default',
      taskQueue: 'rekindle',
      locale: 'zh-CN',
      logLevel: 'info',
      database: { path: '/var/lib/rekindle/recovery.db' },
    });
  });

  it('has the namespace that is made, with a retention that suffices', () => {
    const made = compose.services['temporal-namespace']?.environment;
    expect(made?.TEMPORAL_NAMESPACE).toBe(configOf(worker).namespace);
    expect(Number(made?.RETENTION_DAYS)).toBeGreaterThanOrEqual(8);
    const needed = configOf(worker).engine.retentionMs / 86_400_000;
    expect(Number(made?.RETENTION_DAYS)).toBeGreaterThanOrEqual(needed);
  });

  it.each(ours)('lets the %s write its data directory', (_name, service) => {
    expect(mountOf(service, configOf(service).dataDir)).toMatchObject({ readOnly: false });
  });

  it('lets nobody but the mirror owner write the mirror', () => {
    const owners = mountOf(mirror, configOf(mirror).database.path);
    const workers = mountOf(worker, configOf(worker).database.path);
    expect(owners).toMatchObject({ readOnly: false });
    expect(workers).toEqual({ ...owners, readOnly: true });
    const writers = services.filter(([, service]) =>
      mountsOf(service).some(({ source, readOnly }) => source === owners?.source && !readOnly),
    );
    expect(writers.map(([name]) => name)).toEqual(['mirror']);
  });

  it('gives every worker a data directory of its own, since workers know each other by PID', () => {
    expect(mountOf(worker, configOf(worker).dataDir)?.source).toBeUndefined();
  });

  it('leaves time to save the state of running steps', () => {
    const grace = Number(/^(\d+)s$/.exec(worker.stop_grace_period ?? '')?.[1]) * 1000;
    expect(grace).toBeGreaterThan(configOf(worker).worker.shutdownGraceMs);
  });

  it.each(ours)('runs the %s as a user without rights, under an init process', (_name, service) => {
    expect(service).toMatchObject({ user: 'node', init: true });
  });

  it.each(ours)('runs a command of the CLI as %s', async (_name, service) => {
    const command = service.command ?? [];
    expect(command.length).toBeGreaterThan(0);
    expect(await helpOf(command)).toContain(`Usage: rekindle ${command.join(' ')} `);
  });
});

function isJob(name: string): boolean {
  return services.some(
    ([, service]) => service.depends_on?.[name]?.condition === 'service_completed_successfully',
  );
}

/** Whether `host` has been started and is well when `name` starts. */
function waitsFor(name: string, host: string): boolean {
  const awaited = Object.keys(compose.services[name]?.depends_on ?? {});
  return awaited.includes(host) || awaited.some((other) => waitsFor(other, host));
}

function mountOf(service: Service, path: string): Mount | undefined {
  return mountsOf(service).find(({ target }) => path === target || path.startsWith(`${target}/`));
}

/** Where a path inside of a service's container is on this machine. */
function onThisMachine(service: Service, path: string): string {
  const mount = mountOf(service, path);
  return mount?.source ? join(mount.source, path.slice(mount.target.length)) : path;
}
