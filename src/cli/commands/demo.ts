import type { CommandAction } from '../program.ts';

export const run: CommandAction = async () => 1;
