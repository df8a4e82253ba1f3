// The invented network around the demo: who there is. No name is of anybody.
export interface GeneratedOrganization {
  readonly id: string;
  readonly legalName: string;
  readonly kind: 'vendor' | 'provider' | 'payer' | 'research' | 'subprocessor';
  /** Its apps begin with it. */
  readonly brand: string;
}

const VENDORS = [
  ...['Alder Grove Health, Inc.', 'Bluebird Care Systems, LLC', 'Cedarline Software, Inc.'],
  ...['Copperfield Health Apps, LLC', 'Driftwood Digital Health, Inc.', 'Everbrook Wellness, Inc.'],
  ...['Fernhollow Medical Software, LLC', 'Goldfinch Health, Inc.', 'Hawthorn Patient Tools, LLC'],
  ...['Ironwood Clinical Systems, Inc.', 'Juniper Lane Health, Inc.', 'Kestrel Care Apps, LLC'],
  ...['Larkspur Medical, Inc.', 'Marrowpine Software, LLC', 'Northlight Health Data, Inc.'],
  ...['Oakhaven Care, LLC', 'Pebblebrook Systems, Inc.', 'Quillwort Health, LLC', 'Rosefinch Medical, Inc.'],
  ...['Saltmarsh Health, LLC', 'Thistledown Apps, Inc.', 'Umberfield Health, LLC', 'Vireo Care, Inc.'],
  ...['Wrenfield Software, LLC', 'Yarrow Health, Inc.', 'Zephyrline Medical, LLC'],
];
const PROVIDERS = [
  ...['Larch Valley Hospital', 'Stonebridge Regional Medical Center', 'Mirrorlake Clinics'],
  ...['Prairie Crossing Health System', "Eastfold Children's Hospital"],
];
const PAYERS = ['Meadowgate Health Plan', 'Summitfern Insurance Company', 'Commonfield Mutual'];
const RESEARCH = ['Halcyon Research Institute', 'Ridgeway Heart Registry', 'Tansy Cancer Study Group'];
const SUBPROCESSORS = ['Slatewater Cloud, Inc.', 'Inkberry Support Desk, LLC', 'Palefire Messaging, Inc.'];

const slug = (name: string) =>
  name
    .toLowerCase()
    .replace(/, (inc\.|llc)$/, '')
    .replaceAll(/[^a-z]+/g, '-')
    .replaceAll(/^-|-$/g, '');

const named = (kind: GeneratedOrganization['kind'], names: readonly string[]): GeneratedOrganization[] =>
  names.map((legalName) => ({
    ...{ id: slug(legalName), legalName, kind, brand: legalName.split(' ')[0] ?? legalName },
  }));

export const generatedOrganizations: readonly GeneratedOrganization[] = [
  ...named('vendor', VENDORS),
  ...named('provider', PROVIDERS),
  ...named('payer', PAYERS),
  ...named('research', RESEARCH),
  ...named('subprocessor', SUBPROCESSORS),
];

export const FIRST_NAMES = [
  ...['Ada', 'Alma', 'Amir', 'Anton', 'Beatriz', 'Bruno', 'Carmen', 'Cecilia', 'Chidi', 'Clara', 'Dario'],
  ...['Dimitri', 'Edith', 'Elias', 'Esther', 'Fatima', 'Felix', 'Greta', 'Hana', 'Hector', 'Ines', 'Ivan'],
  ...['Jonas', 'Judith', 'Kemal', 'Laila', 'Leon', 'Lucia', 'Marek', 'Mina', 'Nadia', 'Noel', 'Olga', 'Omar'],
  ...[
    'Paula',
    'Quentin',
    'Rosa',
    'Ruth',
    'Samir',
    'Selma',
    'Silas',
    'Tamar',
    'Theo',
    'Ulla',
    'Victor',
    'Wanda',
  ],
];

export const LAST_NAMES = [
  ...[
    'Abara',
    'Ashdown',
    'Bellweather',
    'Birch',
    'Castellano',
    'Copperway',
    'Dahlgren',
    'Dunmore',
    'Eastwick',
  ],
  ...[
    'Farrow',
    'Fenwright',
    'Galvan',
    'Greenhalgh',
    'Haddad',
    'Holloway',
    'Ibarra',
    'Ingersoll',
    'Jankowski',
  ],
  ...['Kessler', 'Lindgren', 'Lockhart', 'Marchetti', 'Moravec', 'Nakano', 'Northcote', 'Obrecht', 'Okonjo'],
  ...[
    'Pemberton',
    'Quist',
    'Ravenscroft',
    'Rosenthal',
    'Sandoval',
    'Silverton',
    'Tavares',
    'Thornbury',
    'Ueda',
  ],
  ...['Valdez', 'Vance', 'Whitlock', 'Yilmaz', 'Zoltan'],
];
