/** Puts words into a template: `{{user}}` within any text of it. What is put in is never looked at again. */
export function filled(template: unknown, words: Readonly<Record<string, string>>): unknown {
  if (typeof template === 'string')
    return template.replaceAll(/\{\{(\w+)\}\}/g, (whole, name: string) =>
      Object.hasOwn(words, name) ? (words[name] as string) : whole,
    );
  if (Array.isArray(template)) return template.map((item) => filled(item, words));
  if (typeof template !== 'object' || template === null) return template;
  return Object.fromEntries(Object.entries(template).map(([name, value]) => [name, filled(value, words)]));
}
