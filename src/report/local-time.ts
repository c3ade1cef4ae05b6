/** `2023-12-01T14:00:00`: the time of this host's zone without naming it, as the documented reports have it. */
export function localIso(atMs: number): string {
  const { date, time } = parts(atMs);
  return `${date.join('-')}T${time.join(':')}`;
}

/** `20231201_140000`: the same time for file names. */
export function fileStamp(atMs: number): string {
  const { date, time } = parts(atMs);
  return `${date.join('')}_${time.join('')}`;
}

function parts(atMs: number): { date: string[]; time: string[] } {
  const at = new Date(atMs);
  const two = (n: number) => String(n).padStart(2, '0');
  return {
    date: [String(at.getFullYear()).padStart(4, '0'), two(at.getMonth() + 1), two(at.getDate())],
    time: [two(at.getHours()), two(at.getMinutes()), two(at.getSeconds())],
  };
}
