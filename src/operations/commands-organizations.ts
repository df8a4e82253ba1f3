import { commandLine } from '../policy/permissions.ts';
import {
  admitOrganization,
  CONTACT_ROLES,
  createOrganization,
  listOrganizations,
  ORGANIZATION_KINDS,
} from '../registry/organizations.ts';
import { ORGANIZATION_STATES } from '../store/organizations.ts';
import { type Command, JSON_OPTION, Misuse, printList } from './command.ts';

/** `privacy,Pat Doe,pat@example.org`. */
function contact(text: string) {
  const [role, name, email, ...more] = text.split(',').map((part) => part.trim());
  if (role === undefined || name === undefined || email === undefined || more.length > 0) {
    throw new Misuse('--contact is <role>,<name>,<mail address>');
  }
  return { role, name, email };
}

export const organizationCommands: readonly Command[] = [
  {
    words: 'organization add',
    about: 'Adds an organization. It may have apps in the sandbox; in production once it is admitted.',
    options: {
      name: { value: '<legal name>', about: 'its legal name', required: true },
      kind: { value: '<kind>', about: 'what it is', required: true, choices: ORGANIZATION_KINDS },
      country: { value: '<code>', about: 'ISO 3166-1 alpha-2, for example US', required: true },
      identifier: { value: '<id>', about: 'a public identifier, for example "NPI 1234567893"' },
      contact: {
        value: '<role,name,mail>',
        about: `whom to ask; the role is one of ${CONTACT_ROLES.join(', ')}`,
        multiple: true,
      },
    },
    async run(deps, args, { print }) {
      const identifier = args.text('identifier');
      const { organizationId } = await createOrganization(deps, commandLine, {
        legalName: args.text('name'),
        kind: args.text('kind'),
        country: args.text('country'),
        ...(identifier === undefined ? {} : { identifier }),
        contacts: args.texts('contact').map(contact),
      });
      print(organizationId);
      return 0;
    },
  },
  {
    words: 'organization admit',
    about: 'From now on the organization may have apps in production.',
    given: ['organization'],
    async run(deps, args, { print }) {
      await admitOrganization(deps, commandLine, args.given(0));
      print(`${args.given(0)} is admitted to production.`);
      return 0;
    },
  },
  {
    words: 'organization list',
    about: 'Lists organizations in the order of their names.',
    options: {
      name: { value: '<text>', about: 'part of the name' },
      kind: { value: '<kind>', about: 'what they are', choices: ORGANIZATION_KINDS },
      state: { value: '<state>', about: 'how they stand', choices: ORGANIZATION_STATES },
      ...JSON_OPTION,
    },
    run(deps, args, output) {
      const state = ORGANIZATION_STATES.find((one) => one === args.text('state'));
      const filter = { name: args.text('name'), kind: args.text('kind'), state };
      return printList(
        output,
        args,
        (paging) => listOrganizations(deps, commandLine, { ...paging, filter }),
        [
          ['id', ({ id }) => id],
          ['name', ({ legalName }) => legalName],
          ['kind', ({ kind }) => kind],
          ['country', ({ country }) => country],
          ['apps', ({ apps }) => apps],
          ['people', ({ people }) => people],
          ['admitted', ({ admittedAt }) => admittedAt],
          ['suspended', ({ suspendedAt }) => suspendedAt],
          ['offboarded', ({ offboardedAt }) => offboardedAt],
        ],
      );
    },
  },
];
