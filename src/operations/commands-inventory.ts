import { dayOf } from '../policy/days.ts';
import { ENVIRONMENTS } from '../policy/environments.ts';
import { FINDINGS, PATH_KINDS } from '../policy/findings.ts';
import { commandLine } from '../policy/permissions.ts';
import { EXPORT_FORMATS, exportInventory } from '../registry/inventory-export.ts';
import { overviewFor } from '../registry/overview.ts';
import { type Command, JSON_OPTION } from './command.ts';

/** The options that narrow it, and what they are called in the filter. */
const FILTERS = [
  ...([
    ['kind', 'kind'],
    ['finding', 'finding'],
    ['environment', 'environment'],
  ] as const),
  ...([
    ['organization', 'organizationId'],
    ['owner', 'ownerId'],
    ['purpose', 'purpose'],
    ['text', 'text'],
  ] as const),
] as const;

export const inventoryCommands: readonly Command[] = [
  {
    words: 'overview',
    about: 'Tells what needs a person today, the most urgent kinds first.',
    options: JSON_OPTION,
    async run(deps, args, { print }) {
      const waiting = await overviewFor(deps, commandLine);
      if (args.isSet('json')) print(JSON.stringify(waiting, null, 2));
      else
        for (const { kind, count, dueAt } of waiting)
          print(
            `${String(count).padStart(6)}  ${kind}${dueAt === null ? '' : `, the first by ${dayOf(dueAt)}`}`,
          );
      return 0;
    },
  },
  {
    words: 'inventory',
    about: 'Writes every path to PHI with the name that answers for it. That it was taken is recorded.',
    options: {
      format: { value: '<format>', about: 'csv without it', choices: EXPORT_FORMATS },
      kind: { value: '<kind>', about: 'what opens the path', choices: PATH_KINDS },
      finding: { value: '<finding>', about: 'with this finding', choices: FINDINGS },
      environment: { value: '<environment>', about: 'where it opens', choices: ENVIRONMENTS },
      organization: { value: '<id>', about: 'of this organization' },
      owner: { value: '<id>', about: 'that this person owns, or backs up' },
      purpose: { value: '<code>', about: 'for this HL7 v3 PurposeOfUse' },
      text: { value: '<text>', about: 'part of the name, or the id' },
    },
    async run(deps, args, { write }) {
      const filter = Object.fromEntries(
        FILTERS.flatMap(([option, name]) => {
          const value = args.text(option);
          return value === undefined ? [] : [[name, value]];
        }),
      );
      const format = EXPORT_FORMATS.find((one) => one === args.text('format')) ?? 'csv';
      for await (const piece of await exportInventory(deps, commandLine, { format, filter }))
        await write(piece);
      return 0;
    },
  },
];
