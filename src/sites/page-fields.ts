/** The fields of a page in a browser, by their names or CSS selectors. */
import type { Locator, Page } from 'playwright-core';
import { changed } from './page-error.ts';

/** What an element is; runs in the page. */
const KIND =
  "(e) => e.tagName === 'SELECT' ? 'select' : ['checkbox', 'radio'].includes(e.type) ? 'check' : 'text'";

/** Whether people see the field. */
export async function isShown(page: Page, name: string): Promise<boolean> {
  return await field(page, name).isVisible();
}

/** Fills fields in, in their order. @throws {RekindleError} SITE_CHANGED when one is not there. */
export async function fillIn(page: Page, fields: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, value] of Object.entries(fields)) {
    try {
      await fill(field(page, name), value);
    } catch {
      // The error of the library repeats what was to be filled in.
      throw changed(page.url(), name);
    }
  }
}

/** Sends a form: by its button, else by Enter in a field. @throws {RekindleError} SITE_CHANGED */
export async function send(page: Page, name: string, button: string | undefined): Promise<void> {
  try {
    if (button) await page.locator(button).first().click({ noWaitAfter: true });
    else await field(page, name).press('Enter', { noWaitAfter: true });
  } catch {
    throw changed(page.url(), button ?? name);
  }
}

async function fill(found: Locator, value: string): Promise<void> {
  await found.waitFor({ state: 'attached' });
  const kind = await found.evaluate(KIND);
  if (kind === 'select') await found.selectOption(value);
  else if (kind === 'check') await found.setChecked(value !== '' && value !== 'false');
  else await found.fill(value);
}

function field(page: Page, name: string): Locator {
  const byName = `[name=${JSON.stringify(name)}]`;
  return page.locator(/^[\w.-]+$/.test(name) ? byName : name).first();
}
