import type { Role } from '../policy/permissions.ts';
import type { Cell } from './blocks.ts';
import type { Words } from './words.ts';

export const roleCells = (roles: readonly Role[], { t }: Words): Cell[] =>
  roles.map((role) => ({ text: t(`console.role.${role}`), look: 'plain' }));
