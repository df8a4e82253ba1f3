import { combinationFaults, kindOf, scopeFaults } from '../policy/client-kinds.ts';
import { ADDRESS_FIELDS, addressFaults, audienceFaults, purposeFaults } from '../policy/client-metadata.ts';
import { openDataUse } from '../policy/data-use.ts';
import type { Fault } from '../policy/faults.ts';
import { isReservedName, nameFault, skeletonOf } from '../policy/names.ts';
import type { Revision } from '../policy/revision.ts';
import { dayFaults, specialUseFaults, specialUses } from '../policy/special-use.ts';
import { ceilingFaults, openUseCase } from '../policy/use-case.ts';

/** What a revision is judged by beside itself. */
export interface RevisionFacts {
  readonly now: Date;
  readonly environment: string;
  readonly operatorName: string;
  readonly operatorCountry: string;
  readonly organization: OrganizationFacts;
  /** Those that the revision names and that are there. */
  readonly subprocessors: readonly OrganizationFacts[];
  /** Of the FHIR bases that it names, those of its environment. */
  readonly fhirBases: readonly string[];
  /** Whether the picture that it names is there. */
  readonly hasLogo: boolean;
  /** Whether the app would have keys that are registered here beside those that it publishes. */
  readonly hasKeys: boolean;
}

export interface OrganizationFacts {
  readonly id: string;
  readonly legalName: string;
  readonly kind: string;
  readonly country: string;
}

type Check = readonly [
  needs: readonly (keyof Revision)[],
  faults: (revision: Revision, facts: RevisionFacts) => readonly Fault[],
];

const CLIENT_FIELDS = [
  'profile',
  'grantTypes',
  'authMethod',
  'jwksUri',
  'redirectUris',
  'audiences',
] as const;

/** Each needs the fields that it judges: what could not be read causes no second fault. */
const checks: readonly Check[] = [
  [['name'], (revision, facts) => nameFaults(revision, facts)],
  ...ADDRESS_FIELDS.map(
    (field): Check => [
      [field, 'applicationType'],
      (revision, { environment }) =>
        addressFaults(field, revision[field], {
          sandbox: environment === 'sandbox',
          native: revision.applicationType === 'native',
        }),
    ],
  ),
  [
    [
      ...CLIENT_FIELDS,
      'postLogoutRedirectUris',
      'launchUris',
      'origins',
      'backchannelLogoutUri',
      'maxConsentDays',
    ],
    (revision, { hasKeys }) => combinationFaults(revision, hasKeys),
  ],
  [['profile', 'grantTypes', 'scopeCeiling'], (revision) => scopeFaults(revision)],
  [['purposes'], ({ purposes }) => purposeFaults(purposes)],
  [['audiences'], ({ audiences }, { fhirBases }) => audienceFaults(audiences, fhirBases)],
  [['useCase'], ({ useCase }, { now }) => dayFaults(useCase, now)],
  [['subprocessors'], (revision, facts) => subprocessorFaults(revision, facts)],
  [
    ['logoId'],
    ({ logoId }, { hasLogo }) =>
      logoId === null || hasLogo ? [] : [{ field: 'logoId', code: 'logo_unknown' }],
  ],
];

/** What no revision may hold, draft or not. `given` lacks what could not be read. */
export function revisionFaults(given: Partial<Revision>, facts: RevisionFacts): Fault[] {
  return checks.flatMap(([needs, faults]) =>
    needs.every((field) => given[field] !== undefined) ? faults(given as Revision, facts) : [],
  );
}

/** What stands between a revision and a review: open questions, and a ceiling that the use case does not explain. */
export function openFaults(revision: Revision, facts: RevisionFacts): Fault[] {
  const { useCase, dataUse, purposes, scopeCeiling } = revision;
  const opensRecords = kindOf(revision) !== 'login';
  const { organization, subprocessors, operatorCountry, now } = facts;
  const countries = [organization, ...subprocessors].map(({ country }) => country);
  const uses = specialUses({
    ...{ purposes, basis: useCase.basis, organizationKind: organization.kind, operatorCountry },
    countries: [...countries, ...useCase.storageCountries],
  });
  return [
    ...openUseCase(useCase, { opensRecords }),
    ...(opensRecords ? ceilingFaults(scopeCeiling, useCase) : []),
    ...specialUseFaults(useCase, uses, now),
    ...openDataUse(dataUse),
  ];
}

function nameFaults({ name }: Revision, { operatorName, organization }: RevisionFacts): Fault[] {
  const code = nameFault(name);
  if (code !== undefined) return [{ field: 'name', code }];
  // The operator's own apps may say whose they are.
  const own = skeletonOf(organization.legalName) === skeletonOf(operatorName);
  const reserved = isReservedName(name, own ? [] : [operatorName]);
  return reserved ? [{ field: 'name', code: 'name_reserved', value: name }] : [];
}

function subprocessorFaults({ subprocessors: named }: Revision, facts: RevisionFacts): Fault[] {
  const { subprocessors, organization } = facts;
  return named.flatMap(({ organizationId: value }, index): Fault[] => {
    const field = `subprocessors.${index}.organizationId`;
    if (value === organization.id) return [{ field, code: 'organization_is_own', value }];
    return subprocessors.some(({ id }) => id === value)
      ? []
      : [{ field, code: 'organization_unknown', value }];
  });
}
