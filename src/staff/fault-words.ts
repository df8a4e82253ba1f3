// What is wrong with a field, as people read it: on pages, at the API and at the command line.
import type { Fault } from '../registry/refusal.ts';
import type { Translate } from '../web/messages.ts';
import { inWords } from './contract-words.ts';

export const faultText = ({ code, value = '' }: Pick<Fault, 'code' | 'value'>, t: Translate): string =>
  t(`fault.${code}`, { value: code === 'contract_hours_exceeded' ? inWords(value, t) : value });
