import { type Dirent, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseDocument } from 'yaml';
import { RekindleError } from '../domain/error-codes.ts';
import { type SiteDescription, siteOf, siteSchema } from './description.ts';

const SUFFIX = /\.ya?ml$/;

/** The descriptions of a directory, and everything that is wrong with them. */
export interface LoadedSites {
  readonly sites: ReadonlyMap<string, SiteDescription>;
  /** Each with its file and key. */
  readonly problems: readonly string[];
}

/** Reads all descriptions of a directory; one that is not there has none. */
export function loadSites(directory: string): LoadedSites {
  const sites = new Map<string, SiteDescription>();
  const problems: string[] = [];
  for (const name of filesOf(directory, problems)) {
    const file = join(directory, name);
    const site = readSite(file, problems);
    if (!site) continue;
    if (sites.has(site.name)) problems.push(`${file}: name: another file describes ${site.name} too`);
    sites.set(site.name, site);
  }
  return { sites, problems };
}

/**
 * The description of one site. Mistakes in those of other sites are none of its business.
 * @throws {RekindleError} SITE_UNKNOWN, with all that is wrong with its file.
 */
export function findSite(directory: string, name: string): SiteDescription {
  const { sites, problems } = loadSites(directory);
  const site = sites.get(name);
  const own = problems.filter((problem) => fileIs(problem, directory, name));
  if (site && own.length === 0) return site;
  if (own.length > 0) {
    const list = own.map((problem) => `\n  - ${problem}`).join('');
    throw new RekindleError('SITE_UNKNOWN', `the description of the site ${name} has mistakes:${list}`, {
      hint: 'Correct what is listed; docs/login.md explains every key.',
    });
  }
  const known = [...sites.keys()].sort().join(', ') || 'none';
  throw new RekindleError('SITE_UNKNOWN', `there is no description of the site ${name}`, {
    hint: `Write ${join(directory, `${name}.yaml`)}; described are: ${known}.`,
  });
}

function fileIs(problem: string, directory: string, name: string): boolean {
  return [`${name}.yaml: `, `${name}.yml: `].some((file) => problem.startsWith(join(directory, file)));
}

function filesOf(directory: string, problems: string[]): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter(isDescription)
      .map(({ name }) => name)
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      problems.push(`${directory}: cannot be read: ${(error as Error).message}`);
    }
    return [];
  }
}

function isDescription(entry: Dirent): boolean {
  return SUFFIX.test(entry.name) && !entry.name.startsWith('.') && !entry.isDirectory();
}

function readSite(file: string, problems: string[]): SiteDescription | undefined {
  const document = parseDocument(textOf(file, problems), { prettyErrors: true });
  for (const error of document.errors) problems.push(`${file}: ${error.message.split('\n')[0]}`);
  if (document.errors.length > 0) return undefined;
  const parsed = siteSchema.safeParse(document.toJS() ?? {});
  for (const { path, message } of parsed.error?.issues ?? [])
    problems.push(`${file}: ${path.join('.') || 'top level'}: ${message}`);
  return parsed.success
    ? siteOf(parsed.data.name ?? basename(file).replace(SUFFIX, ''), parsed.data)
    : undefined;
}

function textOf(file: string, problems: string[]): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    problems.push(`${file}: cannot be read: ${(error as Error).message}`);
    return '';
  }
}
