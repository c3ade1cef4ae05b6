import { type Advice, type Kind, type Meaning, WEIGHT } from './meaning.ts';

const state = (kind: Kind, advice: Advice, weight: number = WEIGHT.code): Meaning => ({
  kind,
  advice,
  weight,
});

/** Single SQLSTATEs whose meaning differs from that of their class. */
const STATES: Readonly<Record<string, Meaning>> = {
  '08P01': state('network', 'connection'),
  '25006': state('temporary', 'busy'),
  '25P03': state('temporary', 'busy'),
  '28000': state('config', 'credentials'),
  '28P01': state('config', 'credentials'),
  '3D000': state('config', 'missing-part'),
  '3F000': state('config', 'missing-part'),
  '40001': state('temporary', 'lock'),
  '40P01': state('temporary', 'lock'),
  '42501': state('config', 'remote-rights'),
  '42803': state('config', 'missing-part'),
  '42804': state('data', 'format'),
  '53100': state('system', 'disk'),
  '53200': state('system', 'memory'),
  '53300': state('temporary', 'busy'),
  '53400': state('temporary', 'busy'),
  '55P03': state('temporary', 'lock'),
  '57014': state('temporary', 'lock'),
  '57P01': state('temporary', 'busy'),
  '57P02': state('temporary', 'busy'),
  '57P03': state('temporary', 'busy'),
  '58030': state('system', 'disk'),
};

/** SQLSTATE classes: ISO/IEC 9075-2 §24.1, and PostgreSQL's appendix A for 53–58 and XX. */
const CLASSES: Readonly<Record<string, Meaning>> = {
  '08': state('network', 'connection'),
  '0A': state('config', 'settings'),
  '21': state('data', 'constraint'),
  '22': state('data', 'format'),
  '23': state('data', 'constraint'),
  '25': state('temporary', 'lock', WEIGHT.vague),
  '26': state('config', 'missing-part', WEIGHT.vague),
  '28': state('config', 'credentials'),
  '3D': state('config', 'missing-part'),
  '3F': state('config', 'missing-part'),
  '40': state('temporary', 'lock'),
  '42': state('config', 'missing-part'),
  '53': state('temporary', 'busy'),
  '54': state('data', 'format'),
  '55': state('temporary', 'lock'),
  '57': state('temporary', 'busy'),
  '58': state('system', 'disk'),
  F0: state('config', 'settings'),
  XX: state('data', 'damaged', WEIGHT.vague),
};

/** What a SQLSTATE means; undefined when it says nothing (00000, HY000 and others of no class here). */
export function sqlStateMeaning(sqlState: string): Meaning | undefined {
  if (!/^[0-9A-Z]{5}$/.test(sqlState)) return undefined;
  return STATES[sqlState] ?? CLASSES[sqlState.slice(0, 2)];
}
