/** What sites hold beyond a step: closed with the worker. Loads nothing. */
const closers = new Set<() => Promise<void>>();

/** Has something closed when the process has no more logins to do. */
export function whenSitesClose(close: () => Promise<void>): void {
  closers.add(close);
}

/** Closes what logins have left open: browsers. They start again when they are needed. */
export async function closeSites(): Promise<void> {
  await Promise.all([...closers].map((close) => close()));
}
