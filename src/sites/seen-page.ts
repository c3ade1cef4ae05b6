import { type CheerioAPI, load } from 'cheerio/slim';
import { plain } from '../download/page-text.ts';

/** What is known of an answer. */
export interface PageFacts {
  readonly status: number;
  /** After redirects. */
  readonly url: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Cookies that go to this address, by name. */
  readonly cookies: Readonly<Record<string, string>>;
  /** What a browser's page keeps, by name. */
  readonly storage?: Readonly<Record<string, string>>;
}

/** An answer, as signs and tokens look at it, whoever fetched it. */
export class SeenPage {
  readonly #facts: PageFacts;
  #html: CheerioAPI | undefined;
  #json: { readonly value: unknown } | undefined;
  #text: string | undefined;

  constructor(facts: PageFacts) {
    this.#facts = facts;
  }

  get status(): number {
    return this.#facts.status;
  }

  get url(): string {
    return this.#facts.url;
  }

  get headers(): Readonly<Record<string, string>> {
    return this.#facts.headers;
  }

  /** The document. Tolerant: forms stay around their fields however tables are nested. */
  get html(): CheerioAPI {
    this.#html ??= load(this.#facts.body);
    return this.#html;
  }

  /** Text as people see it, and the raw text of what is no HTML; spaces and case made alike. */
  text(): string {
    this.#text ??= plain(this.#isHtml ? this.#visibleText() : this.#facts.body);
    return this.#text;
  }

  /** Whether something is there. A selector that is wrong finds nothing. */
  has(selector: string): boolean {
    return this.#isHtml && this.html(selector).length > 0;
  }

  /** A value in a JSON answer: names and positions joined by dots; undefined: not there, or no JSON. */
  json(path: string): unknown {
    this.#json ??= { value: parsed(this.#facts.body) };
    let value = this.#json.value;
    for (const name of path === '' ? [] : path.split('.')) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
      value = (value as Record<string, unknown>)[name];
    }
    return value;
  }

  cookie(name: string): string | undefined {
    return Object.hasOwn(this.#facts.cookies, name) ? this.#facts.cookies[name] : undefined;
  }

  stored(name: string): string | undefined {
    const { storage = {} } = this.#facts;
    return Object.hasOwn(storage, name) ? storage[name] : undefined;
  }

  get #isHtml(): boolean {
    const type = this.#facts.headers['content-type'] ?? '';
    return /html|xml/i.test(type) || (type === '' && /^\s*</.test(this.#facts.body));
  }

  #visibleText(): string {
    const document = load(this.#facts.body);
    document('script, style, template, noscript').remove();
    return document.root().text();
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
