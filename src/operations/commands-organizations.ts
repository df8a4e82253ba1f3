import { commandLine } from '../policy/permissions.ts';
import { mergeOrganizations } from '../registry/mergers.ts';
import { resumeOrganization, suspendOrganization } from '../registry/organization-standing.ts';
import {
  admitOrganization,
  CONTACT_ROLES,
  changeOrganization,
  createOrganization,
  findOrganization,
  listOrganizations,
  ORGANIZATION_KINDS,
} from '../registry/organizations.ts';
import { ORGANIZATION_STATES } from '../store/organizations.ts';
import { type Command, done, JSON_OPTION, Misuse, printList } from './command.ts';

/** `privacy,Pat Doe,pat@example.org`. */
function contact(text: string) {
  const [role, name, email, ...more] = text.split(',').map((part) => part.trim());
  if (role === undefined || name === undefined || email === undefined || more.length > 0) {
    throw new Misuse('--contact is <role>,<name>,<mail address>');
  }
  return { role, name, email };
}

const CONTACT = {
  value: '<role,name,mail>',
  about: `whom to ask; the role is one of ${CONTACT_ROLES.join(', ')}`,
  multiple: true,
} as const;
const REASON = { reason: { value: '<text>', about: 'why: it is kept', required: true } } as const;

export const organizationCommands: readonly Command[] = [
  {
    words: 'organization add',
    about: 'Adds an organization. It may have apps in the sandbox; in production once it is admitted.',
    options: {
      name: { value: '<legal name>', about: 'its legal name', required: true },
      kind: { value: '<kind>', about: 'what it is', required: true, choices: ORGANIZATION_KINDS },
      country: { value: '<code>', about: 'ISO 3166-1 alpha-2, for example US', required: true },
      identifier: { value: '<id>', about: 'a public identifier, for example "NPI 1234567893"' },
      ...{ contact: CONTACT, ...JSON_OPTION },
    },
    async run(deps, args, output) {
      const identifier = args.text('identifier');
      const { organizationId } = await createOrganization(deps, commandLine, {
        legalName: args.text('name'),
        kind: args.text('kind'),
        country: args.text('country'),
        ...(identifier === undefined ? {} : { identifier }),
        contacts: args.texts('contact').map(contact),
      });
      return done(output, args, { organizationId }, organizationId);
    },
  },
  {
    words: 'organization admit',
    about: 'From now on the organization may have apps in production.',
    given: ['organization'],
    options: { ...REASON, ...JSON_OPTION },
    async run(deps, args, output) {
      const organizationId = args.given(0);
      await admitOrganization(deps, commandLine, organizationId, { reason: args.text('reason') });
      return done(output, args, { organizationId }, `${organizationId} is admitted to production.`);
    },
  },
  ...(
    [
      {
        word: 'suspend',
        run: suspendOrganization,
        about: 'Stops its apps and signs its people out, at once.',
      },
      { word: 'resume', run: resumeOrganization, about: 'Lets a suspended organization act again.' },
    ] as const
  ).map(
    ({ word, run, about }): Command => ({
      ...{ words: `organization ${word}`, about, given: ['organization'] },
      options: { ...REASON, ...JSON_OPTION },
      async run(deps, args, output) {
        await run(deps, commandLine, args.given(0), { reason: args.text('reason') });
        const state = word === 'suspend' ? 'suspended' : 'resumed';
        return done(output, args, { organizationId: args.given(0), state }, `${args.given(0)} is ${state}.`);
      },
    }),
  ),
  {
    words: 'organization change',
    about: 'Changes what is given. Contacts are given as a whole.',
    given: ['organization'],
    options: {
      name: { value: '<legal name>', about: 'its legal name' },
      kind: { value: '<kind>', about: 'what it is', choices: ORGANIZATION_KINDS },
      country: { value: '<code>', about: 'ISO 3166-1 alpha-2, for example US' },
      identifier: { value: '<id>', about: 'a public identifier; "none" for none' },
      ...{ contact: CONTACT, ...JSON_OPTION },
    },
    async run(deps, args, output) {
      const [legalName, kind, country] = ['name', 'kind', 'country'].map((name) => args.text(name));
      const identifier = args.text('identifier');
      const contacts = args.texts('contact').map(contact);
      const given = {
        ...(legalName === undefined ? {} : { legalName }),
        ...(kind === undefined ? {} : { kind }),
        ...(country === undefined ? {} : { country }),
        ...(identifier === undefined ? {} : { identifier: identifier === 'none' ? null : identifier }),
        ...(contacts.length === 0 ? {} : { contacts }),
      };
      await changeOrganization(deps, commandLine, args.given(0), given);
      const found = await findOrganization(deps, commandLine, args.given(0));
      return done(output, args, found, `${found.legalName} is changed.`);
    },
  },
  {
    words: 'organization show',
    about: 'Shows an organization, as JSON.',
    ...{ given: ['organization'], options: JSON_OPTION },
    async run(deps, args, { write }) {
      const found = await findOrganization(deps, commandLine, args.given(0));
      await write(`${JSON.stringify(found, null, 2)}\n`);
      return 0;
    },
  },
  {
    words: 'organization merge',
    about: 'Proposes all its apps to the organization that it becomes part of.',
    given: ['organization', 'into'],
    options: {
      owner: { value: '<person>', about: 'there, who answers for them from then on', required: true },
      contract: { value: '<id>', about: 'of it, under which they act then' },
      ...JSON_OPTION,
    },
    async run(deps, args, output) {
      const input = {
        ...{ intoId: args.given(1), newOwnerId: args.text('owner') },
        newContractId: args.text('contract') ?? null,
      };
      const merged = await mergeOrganizations(deps, commandLine, args.given(0), input);
      return done(
        output,
        args,
        merged,
        `${merged.transferIds.length} apps are proposed to ${args.given(1)}.`,
      );
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
