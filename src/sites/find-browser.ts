import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Names that Chromium and those built on it are installed under. */
const NAMES = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'microsoft-edge',
  'chrome',
];

/** Finds a Chromium. @param path the variable PATH. @returns undefined when there is none. */
export function findBrowser(path: string): string | undefined {
  for (const directory of path.split(delimiter).filter((one) => one !== '')) {
    for (const name of NAMES) {
      const file = join(directory, process.platform === 'win32' ? `${name}.exe` : name);
      try {
        accessSync(file, constants.X_OK);
        return file;
      } catch {
        // Not here.
      }
    }
  }
  return undefined;
}
