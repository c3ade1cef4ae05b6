import { Cookie, CookieJar } from 'tough-cookie';
import { FormData } from 'undici';
import { RekindleError } from '../domain/error-codes.ts';
import type { JsonObject } from '../domain/json.ts';
import type { NetworkGuard } from '../download/network-guard.ts';
import { maskUrl } from '../secrets/mask-url.ts';
import type { SiteDescription } from './description.ts';
import {
  type Advance,
  type Credentials,
  type LoginForm,
  type LoginState,
  NEW_LOGIN,
  type SiteDriver,
  type SiteSession,
} from './driver.ts';
import { filled } from './fill-json.ts';
import { findForm, formMissing } from './forms.ts';
import { judgeAnswer, judgeCode, judgeVerified } from './judge.ts';
import type { SeenPage } from './seen-page.ts';
import { sessionFrom } from './session-from.ts';
import { SiteHttp, type SiteRequest } from './site-http.ts';
import { sourceText, valueAt, withTokens } from './values.ts';
import { codeMissing, refuseCaptcha, refuseFailures, statusError } from './verdict.ts';

/** How a description says that a form or JSON is sent. */
type Sending = SiteDescription['submit'] | NonNullable<SiteDescription['challenge']>;

/** Logs in by forms or JSON, without a browser. */
export class HttpDriver implements SiteDriver {
  readonly #site: SiteDescription;
  readonly #http: SiteHttp;

  constructor(site: SiteDescription, guard?: NetworkGuard) {
    this.#site = site;
    this.#http = new SiteHttp({ timeoutMs: site.timeout * 1000, headers: site.headers, guard });
  }

  async open(signal: AbortSignal): Promise<LoginState> {
    const { page: url, kind, submit } = this.#site;
    if (!url) return { ...NEW_LOGIN, url: submit.url ?? '' };
    const jar = new CookieJar();
    const page = await this.#http.send({ url }, jar, signal);
    refuseFailures(page, this.#site);
    const state = stateOf(NEW_LOGIN, page, jar);
    if (kind === 'json') {
      if (page.status >= 400) refuseCaptcha(page);
      return { ...state, csrf: this.#csrfOf(page, submit) };
    }
    const fields = [submit.user, submit.password, ...(submit.code ? [submit.code] : [])];
    const form = findForm(page, submit.form, fields);
    refuseCaptcha(page);
    if (!form && page.status >= 400) throw statusError(page);
    if (!form) throw formMissing(page, fields);
    return { ...state, form, csrf: this.#csrfOf(page, submit) };
  }

  async submit(state: LoginState, credentials: Credentials, signal: AbortSignal): Promise<Advance> {
    const { submit } = this.#site;
    const { user, password, code } = credentials;
    if (submit.code && code === undefined) throw codeMissing(this.#site.name);
    const fields = {
      [submit.user]: user,
      [submit.password]: password,
      ...(submit.code && code ? { [submit.code]: code } : {}),
    };
    const { page, jar } = await this.#send(
      state,
      submit,
      fields,
      { user, password, code: code ?? '' },
      signal,
    );
    const next = judgeAnswer(page, this.#site);
    const after = this.#after(state, page, jar, next);
    return { next, state: next === 'verify' ? withTokens(after, page, this.#site, 'submit') : after };
  }

  async answer(state: LoginState, code: string, signal: AbortSignal): Promise<Advance> {
    const { challenge } = this.#site;
    if (!challenge) throw new RekindleError('SITE_CHANGED', `the site ${this.#site.name} has no challenge`);
    const { page, jar } = await this.#send(state, challenge, { [challenge.field]: code }, { code }, signal);
    judgeCode(page, this.#site);
    const after = this.#after(state, page, jar, 'verify');
    return { next: 'verify', state: withTokens(after, page, this.#site, 'submit') };
  }

  async verify(state: LoginState, signal: AbortSignal): Promise<SiteSession> {
    const { url } = this.#site.verify;
    const jar = jarOf(state);
    const obtainedAtMs = Date.now();
    const page = await this.#http.send(
      { url: withQuery(url, state.query), headers: state.headers },
      jar,
      signal,
    );
    judgeVerified(page, this.#site);
    const verified = withTokens(stateOf(state, page, jar), page, this.#site, 'verify');
    return sessionFrom(verified, this.#site, obtainedAtMs);
  }

  async close(): Promise<void> {
    await this.#http.close();
  }

  /** The challenge's form is found when its page is seen, so that its hidden fields travel with the state. */
  #after(state: LoginState, page: SeenPage, jar: CookieJar, next: 'challenge' | 'verify'): LoginState {
    const after = { ...stateOf(state, page, jar), form: null, csrf: null };
    const { challenge } = this.#site;
    if (next === 'verify' || !challenge) return after;
    const csrf = this.#csrfOf(page, challenge);
    if (challenge.json !== undefined) return { ...after, csrf };
    const form = findForm(page, challenge.form, [challenge.field]);
    if (!form) throw formMissing(page, [challenge.field]);
    return { ...after, form, csrf };
  }

  #csrfOf(page: SeenPage, { csrf }: Sending): string | null {
    if (!csrf) return null;
    const value = valueAt(page, csrf.source);
    if (value !== undefined) return value;
    throw new RekindleError('SITE_CHANGED', `${maskUrl(page.url)} has no ${sourceText(csrf.source)}`, {
      hint: 'Look at the page, and correct `csrf` in the site’s description.',
    });
  }

  async #send(
    state: LoginState,
    sending: Sending,
    fields: Readonly<Record<string, string>>,
    words: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<{ readonly page: SeenPage; readonly jar: CookieJar }> {
    const jar = jarOf(state);
    const request =
      sending.json === undefined ? formRequest(state, sending, fields) : jsonRequest(state, sending, words);
    const { trusted } = this.#site;
    const page = await this.#http.send(request, jar, signal, ({ origin }) => trusted.includes(origin));
    return { page, jar };
  }
}

function formRequest(
  state: LoginState,
  sending: Sending,
  own: Readonly<Record<string, string>>,
): SiteRequest {
  const form: LoginForm = state.form ?? { action: state.url, method: 'POST', multipart: false, fields: [] };
  const csrf = sending.csrf?.field && state.csrf !== null ? { [sending.csrf.field]: state.csrf } : {};
  const set = { ...sending.fields, ...csrf, ...own };
  const kept = form.fields.filter(([name]) => !Object.hasOwn(set, name));
  const fields: (readonly [string, string])[] = [...kept, ...Object.entries(set)];
  const url = sending.url ?? form.action;
  const method = sending.method ?? form.method;
  const headers = { ...sending.headers, ...csrfHeader(state, sending) };
  const referer = state.url;
  if (method === 'GET') return { url: withQuery(url, Object.fromEntries(fields)), headers, referer };
  if (form.multipart) {
    const body = new FormData();
    for (const [name, value] of fields) body.append(name, value);
    return { url, method, headers, referer, body };
  }
  const body = new URLSearchParams(fields.map(([name, value]): [string, string] => [name, value])).toString();
  return {
    url,
    method,
    referer,
    body,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
  };
}

function jsonRequest(
  state: LoginState,
  sending: Sending,
  words: Readonly<Record<string, string>>,
): SiteRequest {
  return {
    url: sending.url ?? state.url,
    method: sending.method ?? 'POST',
    referer: state.url,
    body: JSON.stringify(filled(sending.json, words)),
    headers: {
      accept: 'application/json',
      'content-type': 'application/json',
      ...state.headers,
      ...sending.headers,
      ...csrfHeader(state, sending),
    },
  };
}

function csrfHeader(state: LoginState, { csrf }: Sending): Record<string, string> {
  return csrf?.header && state.csrf !== null ? { [csrf.header]: state.csrf } : {};
}

function stateOf(before: LoginState, page: SeenPage, jar: CookieJar): LoginState {
  return { ...before, url: page.url, cookies: (jar.toJSON()?.cookies ?? []) as unknown as JsonObject[] };
}

function jarOf({ cookies }: Pick<LoginState, 'cookies'>): CookieJar {
  const jar = new CookieJar();
  for (const json of cookies) {
    const cookie = Cookie.fromJSON(json);
    if (cookie) jar.store.putCookie(cookie, () => undefined);
  }
  return jar;
}

function withQuery(url: string, query: Readonly<Record<string, string>>): string {
  const address = new URL(url);
  for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value);
  return address.href;
}
