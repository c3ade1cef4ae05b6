import type { CheerioAPI } from 'cheerio/slim';
import { RekindleError } from '../domain/error-codes.ts';
import { maskUrl } from '../secrets/mask-url.ts';
import type { LoginForm } from './driver.ts';
import type { SeenPage } from './seen-page.ts';

type Form = ReturnType<CheerioAPI>;
type Field = ReturnType<Form['find']>;

/** Finds a form. @param fields those that it must have, by name. @returns undefined when there is none. */
export function findForm(
  page: SeenPage,
  selector: string | undefined,
  fields: readonly string[],
): LoginForm | undefined {
  const forms = page.html(selector ?? 'form').toArray();
  for (const element of forms) {
    const form = page.html(element);
    const named = namesIn(form);
    if (fields.every((field) => named.has(field))) return formOf(page, form, new Set(fields));
  }
  return undefined;
}

/** For pages that must have the form. @throws {RekindleError} SITE_CHANGED */
export function formMissing(page: SeenPage, fields: readonly string[]): RekindleError {
  return new RekindleError(
    'SITE_CHANGED',
    `${maskUrl(page.url)} has no form with ${fields.map((field) => `the field ${field}`).join(' and ')}`,
    { hint: 'Look at the page in a browser and correct the site’s description.' },
  );
}

function namesIn(form: Form): Set<string> {
  const names = form.find('input[name], select[name], textarea[name], button[name]').toArray();
  return new Set(names.map((element) => form.find(element).attr('name') ?? ''));
}

/** As a browser would send it (HTML, form submission), without its buttons and the fields that are filled in. */
function formOf(page: SeenPage, form: Form, without: ReadonlySet<string>): LoginForm {
  const fields: [string, string][] = [];
  for (const element of form.find('input[name], select[name], textarea[name]').toArray()) {
    const field = form.find(element);
    const name = field.attr('name') ?? '';
    const value = sentValue(field);
    if (name !== '' && value !== undefined && !without.has(name)) fields.push([name, value]);
  }
  const method = (form.attr('method') ?? 'GET').toUpperCase() === 'POST' ? 'POST' : 'GET';
  const base = URL.parse(page.html('base[href]').attr('href') ?? '', page.url)?.href ?? page.url;
  const action = URL.parse(form.attr('action') || page.url, base)?.href ?? page.url;
  return { action, method, multipart: /multipart/i.test(form.attr('enctype') ?? ''), fields };
}

const SENT_BY_CLICK = new Set(['submit', 'button', 'image', 'reset', 'file']);

function sentValue(field: Field): string | undefined {
  if (field.attr('disabled') !== undefined) return undefined;
  if (field.is('select')) {
    const chosen = field.find('option[selected]').first();
    const option = chosen.length > 0 ? chosen : field.find('option').first();
    return option.length > 0 ? (option.attr('value') ?? option.text()) : undefined;
  }
  if (field.is('textarea')) return field.text();
  const type = (field.attr('type') ?? 'text').toLowerCase();
  if (SENT_BY_CLICK.has(type)) return undefined;
  if (type === 'checkbox' || type === 'radio')
    return field.attr('checked') === undefined ? undefined : (field.attr('value') ?? 'on');
  return field.attr('value') ?? '';
}
