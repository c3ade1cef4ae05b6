import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { interpolated, mountsOf, readCompose, readEnvFile } from './compose-file.ts';
import { copiesOf, environmentOf, jsonForm, readDockerfile, type Stage, textsOf } from './dockerfile.ts';
import { helpOf } from './help-of.ts';

const stages = readDockerfile();
const image = stages.at(-1) as Stage;
const fromRepository = stages.flatMap((stage) =>
  copiesOf(stage)
    .filter(({ from }) => from === undefined)
    .flatMap(({ sources }) => sources),
);

describe('the Dockerfile', () => {
  it('starts from one pinned Node, recent enough for our sources', () => {
    const images = new Set(stages.map((stage) => stage.image));
    expect(images.size).toBe(1);
    const [, major] = /^node:(\d+)\.\d+\.\d+-bookworm-slim$/.exec(image.image) ?? [];
    const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(major).toBe(dependencies.node.split('.')[0]);
    const launcher = readFileSync('bin/rekindle.js', 'utf8');
    expect(Number(major)).toBeGreaterThanOrEqual(Number(/MINIMUM = (\d+)/.exec(launcher)?.[1]));
  });

  it('copies only what the repository has and .dockerignore lets through', () => {
    const [everything, ...exceptions] = readFileSync('.dockerignore', 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(everything).toBe('*');
    const letThrough = exceptions.map((line) => line.replace(/^!/, ''));
    expect(letThrough).toEqual([...new Set(fromRepository)].sort());
    for (const source of fromRepository) expect(existsSync(source), source).toBe(true);
  });

  it('copies from stages that there are before', () => {
    const names = stages.map((stage) => stage.name);
    stages.forEach((stage, index) => {
      const sources = copiesOf(stage).flatMap(({ from }) => from ?? []);
      for (const from of sources) expect(names.slice(0, index)).toContain(from);
    });
  });

  it("runs no package's install script, and takes no development packages into the image", () => {
    const installs = stages
      .flatMap((stage) => textsOf(stage, 'RUN'))
      .filter((text) => text.includes('npm ci'));
    expect(installs).toHaveLength(2);
    for (const install of installs) expect(install).toContain('--ignore-scripts');
    const modules = stages.find(({ name }) => name === 'modules') as Stage;
    expect(textsOf(modules, 'RUN').join()).toContain('npm ci --omit=dev');
    expect(copiesOf(image)).toContainEqual({ from: 'modules', sources: ['/app/node_modules'] });
  });

  it('holds what a published package runs: the build instead of the sources', () => {
    const copied = copiesOf(image).flatMap(({ sources }) => sources);
    expect(copied).toEqual(expect.arrayContaining(['package.json', 'bin', 'sql', '/app/dist']));
    expect(copied).not.toContain('src');
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(scripts).toHaveProperty('build');
    expect(stages.flatMap((stage) => textsOf(stage, 'RUN'))).toContain('npm run build');
  });

  it('runs as a user without rights, who owns every directory that is mounted', () => {
    expect(textsOf(image, 'USER')).toEqual(['node']);
    const made = textsOf(image, 'RUN').find((text) => text.includes('--owner=node')) ?? '';
    const { worker, mirror } = interpolated(readCompose(), readEnvFile('.env.example')).services;
    for (const service of [worker, mirror]) {
      expect(service).toBeDefined();
      for (const { target } of mountsOf(service ?? {})) expect(made.split(/\s+/)).toContain(target);
    }
  });

  it('works in a directory that tasks cannot write, since rekindle.yaml is looked for there', () => {
    expect(textsOf(image, 'WORKDIR')).toEqual(['/app']);
    expect(environmentOf(image)).toMatchObject({ NODE_ENV: 'production' });
  });

  it('is stopped in the way that our processes understand', () => {
    expect(textsOf(image, 'STOPSIGNAL')).toEqual(['SIGTERM']);
    // In its shell form the shell would get the signal.
    expect(jsonForm(textsOf(image, 'ENTRYPOINT')[0] ?? '')).toEqual(['rekindle']);
  });

  it('is well when a command of the CLI says so', async () => {
    const [program, ...words] = jsonForm(textsOf(image, 'HEALTHCHECK')[0] ?? '');
    expect(program).toBe('rekindle');
    expect(await helpOf(words)).toContain(`Usage: rekindle ${words[0]} `);
  });

  it('starts a command of the CLI when none is given', async () => {
    const words = jsonForm(textsOf(image, 'CMD')[0] ?? '');
    expect(await helpOf(words)).toContain(`Usage: rekindle ${words.join(' ')} `);
  });
});
