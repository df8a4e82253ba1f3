// What a directory reads of this service before it sends anything (RFC 7644 §4, RFC 7643 §5 to §7).
import { MESSAGES } from './scim-fault.ts';
import { USER } from './scim-user.ts';

const CORE = 'urn:ietf:params:scim:schemas:core:2.0';
const no = { supported: false } as const;

export const listResponse = (resources: readonly object[], total = resources.length, startIndex = 1) => ({
  schemas: [`${MESSAGES}:ListResponse`],
  ...{ totalResults: total, startIndex, itemsPerPage: resources.length, Resources: resources },
});

export const serviceProviderConfig = (base: string) => ({
  schemas: [`${CORE}:ServiceProviderConfig`],
  ...{ patch: { supported: true }, bulk: { ...no, maxOperations: 0, maxPayloadSize: 0 } },
  ...{ filter: { supported: true, maxResults: 200 }, changePassword: no, sort: no, etag: no },
  authenticationSchemes: [
    {
      ...{ type: 'oauthbearertoken', name: 'Bearer token', primary: true },
      description: "A token of the organization's, made in the developer portal or the console (RFC 6750)",
    },
  ],
  meta: { resourceType: 'ServiceProviderConfig', location: `${base}/ServiceProviderConfig` },
});

export const resourceTypes = (base: string) => [
  {
    ...{ schemas: [`${CORE}:ResourceType`], id: 'User', name: 'User', endpoint: '/Users', schema: USER },
    ...{ description: 'People who work for the organization', schemaExtensions: [] },
    meta: { resourceType: 'ResourceType', location: `${base}/ResourceTypes/User` },
  },
];

const attribute = (name: string, changes: object = {}) => ({
  ...{ name, type: 'string', multiValued: false, description: name, required: false, caseExact: false },
  ...{ mutability: 'readWrite', returned: 'default', uniqueness: 'none', ...changes },
});

export const schemas = (base: string) => [
  {
    ...{ schemas: [`${CORE}:Schema`], id: USER, name: 'User', description: 'A person' },
    attributes: [
      attribute('userName', { required: true, uniqueness: 'server', description: 'her mail address' }),
      attribute('displayName'),
      attribute('name', { type: 'complex', subAttributes: [attribute('formatted')] }),
      attribute('active', {
        type: 'boolean',
        description: 'false: her work ends; nobody comes back by true',
      }),
      attribute('emails', {
        ...{ type: 'complex', multiValued: true, mutability: 'readOnly' },
        subAttributes: ['value', 'type'].map((name) => attribute(name, { mutability: 'readOnly' })),
      }),
    ],
    meta: { resourceType: 'Schema', location: `${base}/Schemas/${USER}` },
  },
];
