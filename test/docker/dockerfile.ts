/** A Dockerfile as stages of instructions. */
import { readFileSync } from 'node:fs';

export interface Instruction {
  /** In capitals. */
  readonly name: string;
  /** What stands behind it, on one line. */
  readonly text: string;
}

export interface Stage {
  readonly image: string;
  readonly name: string | undefined;
  readonly instructions: readonly Instruction[];
}

export interface Copy {
  /** The stage it copies from; undefined: from the build context, so from the repository. */
  readonly from: string | undefined;
  readonly sources: readonly string[];
}

export function readDockerfile(path = 'Dockerfile'): Stage[] {
  const stages: { image: string; name: string | undefined; instructions: Instruction[] }[] = [];
  for (const instruction of instructionsOf(readFileSync(path, 'utf8'))) {
    if (instruction.name === 'FROM') {
      const [image = '', , name] = instruction.text.split(/\s+/);
      stages.push({ image, name, instructions: [] });
    } else {
      stages.at(-1)?.instructions.push(instruction);
    }
  }
  return stages;
}

function instructionsOf(text: string): Instruction[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const joined = lines.join('\n').replace(/\\\n\s*/g, '');
  return joined.split('\n').map((line) => {
    const [name = '', ...rest] = line.split(' ');
    return { name: name.toUpperCase(), text: rest.join(' ').trim() };
  });
}

/** The texts of one kind of instruction, in their order. */
export function textsOf(stage: Stage, name: string): string[] {
  return stage.instructions.filter((instruction) => instruction.name === name).map(({ text }) => text);
}

export function copiesOf(stage: Stage): Copy[] {
  return textsOf(stage, 'COPY').map((text) => {
    const words = text.split(/\s+/);
    const from = words.find((word) => word.startsWith('--from='))?.slice('--from='.length);
    return { from, sources: words.filter((word) => !word.startsWith('--')).slice(0, -1) };
  });
}

/** `ENV NAME=value …` of a stage. */
export function environmentOf(stage: Stage): Record<string, string> {
  const settings = textsOf(stage, 'ENV').flatMap((text) => text.split(/\s+/));
  return Object.fromEntries(settings.map((setting) => setting.split('=') as [string, string]));
}

/** The words of an instruction in its JSON form: `CMD ["worker"]`, `HEALTHCHECK … CMD ["rekindle", "doctor"]`. */
export function jsonForm(text: string): string[] {
  return JSON.parse(text.slice(text.indexOf('['))) as string[];
}
