import { commandLine, type Role, roles } from '../policy/permissions.ts';
import type { RegistryDeps } from '../registry/deps.ts';
import { admitOrganization, createOrganization, listOrganizations } from '../registry/organizations.ts';
import { endPerson, invitePerson } from '../registry/people.ts';
import { listPeople } from '../registry/person-records.ts';
import { type Args, type Command, done, JSON_OPTION, Misuse, type Output, printList } from './command.ts';

interface Invited {
  readonly organizationId: string | undefined;
  readonly name: string | undefined;
  readonly email: string | undefined;
  readonly roles: readonly string[];
}

/** The link is for her alone: it makes a passkey that may do all that her roles allow. */
async function invite(deps: RegistryDeps, person: Invited, args: Args, output: Output): Promise<number> {
  const { personId, code } = await invitePerson(deps, commandLine, person);
  const invitation = `${deps.settings.issuer}/invitation#${code}`;
  const told = `Person: ${personId}\nInvitation (single use, 24 hours; give it to her alone):\n${invitation}`;
  return done(output, args, { personId, invitation }, told);
}

/** The organization that runs Postern, as its name is set; made when there is none. */
async function operatorOrganization(deps: RegistryDeps, { print }: Output): Promise<string> {
  const { operatorName, operatorCountry } = deps.settings;
  const filter = { name: operatorName, kind: 'network' };
  const { rows } = await listOrganizations(deps, commandLine, { filter, limit: 200 });
  const known = rows.find(
    ({ legalName, offboardedAt }) => legalName === operatorName && offboardedAt === null,
  );
  if (known !== undefined) return known.id;
  const about = { legalName: operatorName, kind: 'network', country: operatorCountry };
  const { organizationId } = await createOrganization(deps, commandLine, about);
  const reason = 'It runs this server.';
  await admitOrganization(deps, commandLine, organizationId, { reason });
  print(`Organization: ${organizationId} (${operatorName})`);
  return organizationId;
}

const PERSON = {
  name: { value: '<name>', about: 'their name', required: true },
  email: { value: '<address>', about: 'their mail address', required: true },
} as const;

export const inviteOperator: Command = {
  words: 'invite-operator',
  about: 'Invites someone to operate this server: the first person who can sign in to the console.',
  options: {
    ...PERSON,
    organization: {
      value: '<id>',
      about: 'where they work; the organization that runs this server without it',
    },
  },
  async run(deps, args, output) {
    const organizationId = args.text('organization') ?? (await operatorOrganization(deps, output));
    const person = { organizationId, name: args.text('name'), email: args.text('email') };
    return invite(deps, { ...person, roles: ['operator'] }, args, output);
  },
};

export const personCommands: readonly Command[] = [
  {
    words: 'person invite',
    about: 'Invites someone who works for an organization.',
    options: {
      organization: { value: '<id>', about: 'where they work', required: true },
      ...PERSON,
      role: { value: '<role>', about: 'what they may do', required: true, multiple: true, choices: roles },
      ...JSON_OPTION,
    },
    run: (deps, args, output) =>
      invite(
        deps,
        {
          organizationId: args.text('organization'),
          ...{ name: args.text('name'), email: args.text('email'), roles: args.texts('role') },
        },
        args,
        output,
      ),
  },
  {
    words: 'person leave',
    about: 'Ends the work of a person: they sign in no more; apps are handed over, or have no owner then.',
    given: ['person'],
    options: {
      at: { value: '<when>', about: 'later, for example 2027-01-31 or 2027-01-31T18:00:00Z' },
      'hand-over': { value: '<app=person>', about: 'who answers for an app from now on', multiple: true },
      reason: { value: '<text>', about: 'why: it is kept', required: true },
      ...JSON_OPTION,
    },
    async run(deps, args, output) {
      const [at, reason] = [args.text('at'), args.text('reason')];
      const handover = args.texts('hand-over').map((text) => {
        const [appId, ownerId, ...more] = text.split('=');
        if (!appId || !ownerId || more.length > 0) throw new Misuse('--hand-over is <app>=<person>');
        return { appId, ownerId };
      });
      const given = { ...(at === undefined ? {} : { at }), ...(reason === undefined ? {} : { reason }) };
      await endPerson(deps, commandLine, args.given(0), { ...given, handover });
      const told = `${args.given(0)} leaves ${at === undefined ? 'now' : `at ${at}`}.`;
      return done(output, args, { personId: args.given(0), handover }, told);
    },
  },
  {
    words: 'person list',
    about: 'Lists the people who work for organizations, in the order of their names.',
    options: {
      organization: { value: '<id>', about: 'of this organization' },
      role: { value: '<role>', about: 'with this role', choices: roles },
      name: { value: '<text>', about: 'part of the name' },
      left: { about: 'those who left too' },
      ...JSON_OPTION,
    },
    run(deps, args, output) {
      const role = roles.find((one): one is Role => one === args.text('role'));
      const filter = {
        ...{ organizationId: args.text('organization'), role, name: args.text('name') },
        left: args.isSet('left'),
      };
      return printList(output, args, (paging) => listPeople(deps, commandLine, { ...paging, filter }), [
        ['id', ({ id }) => id],
        ['name', ({ name }) => name],
        ['organization', ({ organizationName }) => organizationName],
        ['roles', (person) => person.roles.join(' ')],
        ['passkeys', ({ passkeys }) => passkeys],
        ['left', ({ leftAt }) => leftAt],
      ]);
    },
  },
];
